import type * as TF from '@tensorflow/tfjs';
import { leaf } from '../nn/tree.ts';
import { projector } from './heads.ts';
import { vicreg as loss } from './losses/vicreg.ts';
import { numberOf, sharedSettings } from './settings.ts';
import { outputSpread, spreadLost } from './signs.ts';
import type { Method } from './types.ts';
import { eachView, viewInputs } from './view-inputs.ts';

/**
 * VICReg. Two views are to be near each other (invariance), each column is to keep its spread (variance), and no two
 * columns are to say the same (covariance): equations 1 to 6.
 */
export const vicreg: Method = {
  name: 'vicreg',
  summary: 'Two views move together while every column keeps its spread and says something of its own.',
  source: 'Bardes et al. 2022, VICReg: Variance-Invariance-Covariance Regularization, arXiv:2105.04906',
  settings: {
    ...sharedSettings,
    invariance: { value: 25, gloss: 'Weight of the distance between views.', range: [0, 1000] },
    variance: { value: 25, gloss: 'Weight of the spread of each column.', range: [0, 1000] },
    covariance: { value: 1, gloss: 'Weight of columns that say the same.', range: [0, 1000] },
  },
  defaults: { batch: 64, epochs: 4 },
  signature: {
    text: 'All images get the same projection, as with the variance weighed 0: its spread falls to 0, and learning is stopped.',
    sign: spreadLost,
  },
  objective(context) {
    const { settings, views, size, batch } = context;
    const weights = ['invariance', 'variance', 'covariance'] as const;
    return {
      name: 'vicreg',
      parts: {
        // The mean is taken off wherever columns are compared, and cancels between views: a bias would drift.
        projector: projector(context, { outputBias: false, layers: 3 }),
      },
      target: null,
      ...viewInputs({ views: { preset: views, count: 2, size } }, context),
      sees: { online: ['views'], target: [] },
      hyper: () => Object.fromEntries(weights.map((name) => [name, numberOf(settings, name)])),
      loss({ online, part, hyper }) {
        const projection = part('projector', leaf(online, 'views'));
        const [one, two] = eachView(projection, batch) as [TF.Tensor2D, TF.Tensor2D];
        const [invariance, variance, covariance] = weights.map((name) => leaf(hyper, name) as TF.Scalar) as [
          TF.Scalar,
          TF.Scalar,
          TF.Scalar,
        ];
        return {
          loss: loss(one, two, { invariance, variance, covariance }),
          metrics: { spread: outputSpread(projection) },
        };
      },
    };
  },
};
