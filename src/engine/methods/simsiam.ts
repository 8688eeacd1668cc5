import { leaf } from '../nn/tree.ts';
import { stopGradient } from '../nn/stop-gradient.ts';
import { headNorm, mlp, projector } from './heads.ts';
import { negativeCosine } from './losses/cosine.ts';
import { numberOf, sharedSettings } from './settings.ts';
import { outputSpread, spreadLost } from './signs.ts';
import type { Method } from './types.ts';
import { swapped, viewInputs } from './view-inputs.ts';

/**
 * SimSiam. Each view predicts what the same network says of the other, whose side gets no gradient:
 * −½·cos(h(z₁), z₂) − ½·cos(h(z₂), z₁), equations 1 to 4. Without the stop or the predictor everything becomes one point.
 */
export const simsiam: Method = {
  name: 'simsiam',
  summary: 'Two views predict each other by one network; the simplest, without a target and without negatives.',
  source: 'Chen & He 2021, Exploring Simple Siamese Representation Learning, arXiv:2011.10566',
  settings: {
    ...sharedSettings,
    bottleneck: { value: 64, gloss: 'Hidden width of the predictor.', range: [4, 8192], whole: true, unit: 'channels' },
  },
  defaults: { batch: 64, epochs: 4 },
  signature: {
    text: 'The loss falls to −1 at once and all images get the same projection: its spread falls to 0, and learning is stopped.',
    sign: spreadLost,
  },
  objective(context) {
    const { settings, views, size } = context;
    const norm = headNorm(settings);
    const output = numberOf(settings, 'projection');
    return {
      name: 'simsiam',
      parts: {
        projector: projector(context, { outputBias: norm === 'layer', layers: 3, outputNorm: true }),
        predictor: mlp({ input: output, hidden: numberOf(settings, 'bottleneck'), output, norm, outputBias: true }),
      },
      target: null,
      ...viewInputs({ views: { preset: views, count: 2, size } }, context),
      sees: { online: ['views'], target: [] },
      hyper: () => ({}),
      loss({ online, part }) {
        const projection = part('projector', leaf(online, 'views'));
        const prediction = part('predictor', projection);
        const loss = negativeCosine(prediction, swapped(stopGradient(projection)));
        return { loss, metrics: { spread: outputSpread(projection) } };
      },
    };
  },
};
