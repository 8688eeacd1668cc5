import type * as TF from '@tensorflow/tfjs';
import { leaf } from '../nn/tree.ts';
import { projector } from './heads.ts';
import { ntXent } from './losses/ntxent.ts';
import { outputSpread, spreadLost } from './signs.ts';
import { numberOf, sharedSettings } from './settings.ts';
import type { Method } from './types.ts';
import { viewInputs } from './view-inputs.ts';

/** SimCLR. Each view must find the other view of its image among all views of the batch: NT-Xent, equation 1. */
export const simclr: Method = {
  name: 'simclr',
  summary: 'Each view must find its partner among all others; strong, and better the larger the batch.',
  source: 'Chen et al. 2020, A Simple Framework for Contrastive Learning, arXiv:2002.05709',
  settings: {
    ...sharedSettings,
    learningRate: { ...sharedSettings.learningRate, value: 3e-4 },
    headNorm: { ...sharedSettings.headNorm, value: 'layer' },
    temperature: { value: 0.2, gloss: 'Smaller weighs the most similar images more.', range: [0.01, 10] },
  },
  defaults: { batch: 64, epochs: 4 },
  signature: {
    text: 'Every view is as near to any other as to its partner: the spread of the projection falls to 0, and learning is stopped.',
    sign: spreadLost,
  },
  objective(context) {
    const { settings, views, size } = context;
    return {
      name: 'simclr',
      parts: {
        projector: projector(context),
      },
      target: null,
      ...viewInputs({ views: { preset: views, count: 2, size } }, context),
      sees: { online: ['views'], target: [] },
      hyper: () => ({ temperature: numberOf(settings, 'temperature') }),
      loss({ online, part, hyper }) {
        const projection = part('projector', leaf(online, 'views'));
        const loss = ntXent(projection, leaf(hyper, 'temperature') as TF.Scalar);
        return { loss, metrics: { spread: outputSpread(projection) } };
      },
    };
  },
};
