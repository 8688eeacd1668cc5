import type * as TF from '@tensorflow/tfjs';
import { tf } from '../tf.ts';
import { targetDecay } from '../optim/schedules.ts';
import { leaf } from '../nn/tree.ts';
import { headNorm, mlp, projector } from './heads.ts';
import { negativeCosine } from './losses/cosine.ts';
import { outputSpread, spreadLost } from './signs.ts';
import { choiceOf, numberOf, sharedSettings } from './settings.ts';
import type { Method } from './types.ts';
import { swapped, viewInputs } from './view-inputs.ts';

const pairings = ['symmetric', 'raw-to-augmented'] as const;

/**
 * Bootstrap Your Own Latent. Each view predicts what a slowly moving copy of the network says of the other:
 * 2 − cos(q(p(a)), t(b)) − cos(q(p(b)), t(a)), equation 2 made symmetric, up to its factor of 2.
 * `raw-to-augmented`: the target sees the unchanged image, and one view predicts that: 2 − 2·cos(q(p(a)), t(raw)).
 */
export const byol: Method = {
  name: 'byol',
  summary: 'Two views of an image predict each other; no negatives, works with small batches.',
  source: 'Grill et al. 2020, Bootstrap your own latent, arXiv:2006.07733',
  settings: {
    ...sharedSettings,
    tau: { value: 0.99, gloss: 'How slowly the target follows at the start; rises to 1.', range: [0, 1] },
    pairing: {
      value: 'symmetric',
      gloss: 'Two views predict each other, or one view predicts the unchanged image, at half the cost.',
      choices: pairings,
    },
  },
  defaults: { batch: 64, epochs: 4 },
  signature: {
    text: 'All images get the same projection: its spread falls to 0, and learning is stopped.',
    sign: spreadLost,
  },
  objective(context) {
    const { settings, views, size } = context;
    const norm = headNorm(settings);
    const hidden = numberOf(settings, 'hidden');
    const output = numberOf(settings, 'projection');
    const symmetric = choiceOf(settings, 'pairing', pairings) === 'symmetric';
    const seenByTarget = symmetric ? 'views' : 'raw';
    return {
      name: 'byol',
      parts: {
        projector: projector(context, { outputBias: norm === 'layer' }),
        predictor: mlp({ input: output, hidden, output, norm, outputBias: true }),
      },
      target: ['projector'],
      ...viewInputs(
        {
          views: { preset: views, count: symmetric ? 2 : 1, size },
          ...(!symmetric && { raw: { preset: 'whole', count: 1, size } }),
        },
        context,
      ),
      sees: { online: ['views'], target: [seenByTarget] },
      hyper: (step, { total }) => ({ targetShare: 1 - targetDecay(numberOf(settings, 'tau'), step, total) }),
      loss({ online, target, part, targetPart }) {
        const projection = part('projector', leaf(online, 'views'));
        const prediction = part('predictor', projection);
        const aim = targetPart('projector', leaf(target, seenByTarget));
        const loss: TF.Scalar = tf.add(2, tf.mul(2, negativeCosine(prediction, symmetric ? swapped(aim) : aim)));
        return { loss, metrics: { spread: outputSpread(projection) } };
      },
    };
  },
};
