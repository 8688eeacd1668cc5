import type * as TF from '@tensorflow/tfjs';
import { leaf } from '../nn/tree.ts';
import { tf } from '../tf.ts';
import { projector, prototypes } from './heads.ts';
import { swavLoss } from './losses/swav.ts';
import { cropSettings, numberOf, sharedSettings } from './settings.ts';
import { information, informationLost } from './signs.ts';
import type { Method } from './types.ts';
import { cropsOf, eachView, viewInputs } from './view-inputs.ts';

/**
 * SwAV. Each view predicts to which prototypes the other view of its image was assigned; assignments share the batch out
 * evenly over the prototypes (Sinkhorn), and small crops predict too: equations 1 to 6.
 */
export const swav: Method = {
  name: 'swav',
  summary: 'Views and small crops must agree on which prototypes an image belongs to; groups form by themselves.',
  source:
    'Caron et al. 2020, Unsupervised Learning of Visual Features by Contrasting Cluster Assignments, arXiv:2006.09882',
  settings: {
    ...sharedSettings,
    ...cropSettings,
    prototypes: { value: 64, gloss: 'How many groups there are to belong to.', range: [2, 8192], whole: true },
    temperature: { value: 0.1, gloss: 'Smaller makes predictions sharper.', range: [0.01, 10] },
    epsilon: { value: 0.05, gloss: 'Softness of the assignments.', range: [0.01, 10] },
    sinkhornIterations: { value: 3, gloss: 'Rounds in which assignments are shared out.', range: [1, 20], whole: true },
  },
  defaults: { batch: 64, epochs: 4 },
  signature: {
    text: 'All images get the same mixture of prototypes: what it tells about an image falls to 0, and learning is stopped.',
    sign: informationLost,
  },
  objective(context) {
    const { settings, batch } = context;
    const sets = cropsOf(context);
    return {
      name: 'swav',
      parts: {
        projector: projector(context),
        prototypes: prototypes(numberOf(settings, 'projection'), numberOf(settings, 'prototypes')),
      },
      target: null,
      ...viewInputs(sets, context),
      sees: { online: Object.keys(sets), target: [] },
      hyper: () => ({ temperature: numberOf(settings, 'temperature'), epsilon: numberOf(settings, 'epsilon') }),
      loss({ online, part, hyper }) {
        const scoresOf = (features: TF.Tensor2D): TF.Tensor2D => part('prototypes', part('projector', features));
        const whole = scoresOf(leaf(online, 'views'));
        const small = online['small'] ? eachView(scoresOf(online['small']), batch) : [];
        const [temperature, epsilon] = ['temperature', 'epsilon'].map((name) => leaf(hyper, name)) as [
          TF.Scalar,
          TF.Scalar,
        ];
        const iterations = numberOf(settings, 'sinkhornIterations');
        const loss = swavLoss(eachView(whole, batch), small, { temperature, epsilon, iterations });
        return { loss, metrics: { information: information(tf.softmax(tf.div(whole, temperature) as TF.Tensor2D)) } };
      },
    };
  },
};
