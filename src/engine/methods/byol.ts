import { tf } from '../tf.ts';
import type * as TF from '@tensorflow/tfjs';
import { targetDecay } from '../optim/schedules.ts';
import { negativeCosine } from './losses/cosine.ts';
import { choiceOf, numberOf, sharedSettings } from './settings.ts';
import { twoViewProgram } from './two-view.ts';
import type { Method } from './types.ts';

/** View one's rows and view two's rows change places. @param x [2·batch, d] */
const swapped = (x: TF.Tensor2D): TF.Tensor2D => {
  const [one, two] = tf.split(x, 2) as [TF.Tensor2D, TF.Tensor2D];
  return tf.concat([two, one]);
};

/**
 * Bootstrap Your Own Latent. Each view predicts what a slowly moving copy of the network says of the other:
 * 2 − cos(q(p(a)), t(b)) − cos(q(p(b)), t(a)), equation 2 made symmetric, up to its factor of 2.
 */
export const byol: Method = {
  name: 'byol',
  summary: 'Two views of an image predict each other; no negatives, works with small batches.',
  source: 'Grill et al. 2020, Bootstrap your own latent, arXiv:2006.07733',
  settings: {
    ...sharedSettings,
    tau: { value: 0.99, gloss: 'How slowly the target follows at the start; rises to 1.', range: [0, 1] },
  },
  defaults: { batch: 64, epochs: 4 },
  bind(context) {
    const { settings, backbone } = context;
    const norm = choiceOf(settings, 'headNorm', ['batch', 'layer']);
    const hidden = numberOf(settings, 'hidden');
    const projection = numberOf(settings, 'projection');
    return twoViewProgram(
      {
        name: 'byol',
        heads: {
          projector: { input: backbone.features, hidden, output: projection, norm, outputBias: norm === 'layer' },
          predictor: { input: projection, hidden, output: projection, norm, outputBias: true },
        },
        target: ['projector'],
        hyper: (step, { total }) => ({ targetShare: 1 - targetDecay(numberOf(settings, 'tau'), step, total) }),
        loss({ online, target, head, targetHead }) {
          const prediction = head('predictor', head('projector', online));
          const aim = swapped(targetHead('projector', target));
          return tf.add(2, tf.mul(2, negativeCosine(prediction, aim)));
        },
      },
      context,
    );
  },
};
