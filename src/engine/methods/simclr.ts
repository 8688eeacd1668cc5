import { leaf } from '../nn/tree.ts';
import type * as TF from '@tensorflow/tfjs';
import { ntXent } from './losses/ntxent.ts';
import { choiceOf, numberOf, sharedSettings } from './settings.ts';
import { twoViewProgram } from './two-view.ts';
import type { Method } from './types.ts';

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
  bind(context) {
    const { settings, backbone } = context;
    const norm = choiceOf(settings, 'headNorm', ['batch', 'layer']);
    return twoViewProgram(
      {
        name: 'simclr',
        heads: {
          projector: {
            input: backbone.features,
            hidden: numberOf(settings, 'hidden'),
            output: numberOf(settings, 'projection'),
            norm,
            outputBias: true,
          },
        },
        target: null,
        hyper: () => ({ temperature: numberOf(settings, 'temperature') }),
        loss: ({ online, head, hyper }) => ntXent(head('projector', online), leaf(hyper, 'temperature') as TF.Scalar),
      },
      context,
    );
  },
};
