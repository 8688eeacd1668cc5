import type * as TF from '@tensorflow/tfjs';
import { leaf } from '../nn/tree.ts';
import { projector } from './heads.ts';
import { barlowTwins as loss } from './losses/barlow.ts';
import { numberOf, sharedSettings } from './settings.ts';
import { outputSpread, spreadLost } from './signs.ts';
import type { Method } from './types.ts';
import { eachView, viewInputs } from './view-inputs.ts';

/**
 * Barlow Twins. What the two views say is to be the same column by column, and no two columns are to say the same:
 * equations 1 and 2. Needs no negatives, no target and no stop of gradients.
 */
export const barlowTwins: Method = {
  name: 'barlow-twins',
  summary: 'Two views agree column by column, and no two columns say the same; works with small batches.',
  source: 'Zbontar et al. 2021, Barlow Twins: Self-Supervised Learning via Redundancy Reduction, arXiv:2103.03230',
  settings: {
    ...sharedSettings,
    redundancy: { value: 5e-3, gloss: 'Weight of columns that say the same.', range: [0, 1] },
  },
  defaults: { batch: 64, epochs: 4 },
  signature: {
    text: 'All images get the same projection, which the correlations forbid: its spread falls to 0, and learning is stopped.',
    sign: spreadLost,
  },
  objective(context) {
    const { settings, views, size, batch } = context;
    return {
      name: 'barlow-twins',
      parts: {
        // Columns are standardised by the loss, which takes a bias off again.
        projector: projector(context, { outputBias: false, layers: 3 }),
      },
      target: null,
      ...viewInputs({ views: { preset: views, count: 2, size } }, context),
      sees: { online: ['views'], target: [] },
      hyper: () => ({ redundancy: numberOf(settings, 'redundancy') }),
      loss({ online, part, hyper }) {
        const projection = part('projector', leaf(online, 'views'));
        const [one, two] = eachView(projection, batch) as [TF.Tensor2D, TF.Tensor2D];
        return {
          loss: loss(one, two, leaf(hyper, 'redundancy') as TF.Scalar),
          metrics: { spread: outputSpread(projection) },
        };
      },
    };
  },
};
