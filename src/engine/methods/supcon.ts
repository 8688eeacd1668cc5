import type * as TF from '@tensorflow/tfjs';
import { leaf } from '../nn/tree.ts';
import { projector } from './heads.ts';
import { supCon } from './losses/supcon.ts';
import { numberOf, sharedSettings } from './settings.ts';
import { outputSpread, spreadLost } from './signs.ts';
import type { Method } from './types.ts';
import { viewInputs } from './view-inputs.ts';

/**
 * Supervised contrastive learning: each view must find all views of its class, equation 2. An image without a label is
 * a class of its own, so that without labels this is SimCLR. Labels are those of the training side that every draw of
 * the run trains with: an adaptation serves all draws, and must not know more than the least of them.
 */
export const supcon: Method = {
  name: 'supcon',
  summary: 'Images with the same label move together, all others apart; the only one that uses labels.',
  source: 'Khosla et al. 2020, Supervised Contrastive Learning, arXiv:2004.11362',
  settings: {
    ...sharedSettings,
    learningRate: { ...sharedSettings.learningRate, value: 3e-4 },
    headNorm: { ...sharedSettings.headNorm, value: 'layer' },
    temperature: { value: 0.1, gloss: 'Smaller weighs the most similar images more.', range: [0.01, 10] },
  },
  defaults: { batch: 64, epochs: 4 },
  signature: {
    text: 'Every view is as near to any other as to those of its class: the spread of the projection falls to 0, and learning is stopped.',
    sign: spreadLost,
  },
  objective(context) {
    const { settings, views, size, batch } = context;
    return {
      name: 'supcon',
      parts: {
        projector: projector(context),
      },
      target: null,
      batch: { labels: { shape: [batch], dtype: 'int32' } },
      ...viewInputs({ views: { preset: views, count: 2, size } }, context),
      sees: { online: ['views'], target: [] },
      hyper: () => ({ temperature: numberOf(settings, 'temperature') }),
      loss({ online, part, batch: data, hyper }) {
        const projection = part('projector', leaf(online, 'views'));
        const labels = leaf(data, 'labels') as TF.Tensor1D;
        const loss = supCon(projection, labels, leaf(hyper, 'temperature') as TF.Scalar);
        return { loss, metrics: { spread: outputSpread(projection) } };
      },
    };
  },
};
