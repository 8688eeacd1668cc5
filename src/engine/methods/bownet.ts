import type * as TF from '@tensorflow/tfjs';
import { tf } from '../tf.ts';
import { leaf } from '../nn/tree.ts';
import { rotationObjective } from './rotation.ts';
import { numberOf, trainingSettings } from './settings.ts';
import type { AdaptContext, Method, Objective, Part } from './types.ts';
import { bagLoss, wordDistances, hardBags, wordsInUse } from './words/bags.ts';
import { findWords } from './words/kmeans.ts';
import { wholeAndView, wordsSignature } from './words/whole-and-view.ts';

/** Scores of words: γ·φ·w with a weight of length 1 for each, γ learned (section 3). [n, d] to [n, words] */
function scores(features: number, words: number): Part {
  const weight = { shape: [features, words], dtype: 'float32' } as const;
  const gain = { shape: [], dtype: 'float32' } as const;
  return {
    spec: { weight, gain },
    initial: (random) => ({
      weight: { ...weight, data: random.normal(features * words) },
      gain: { ...gain, data: Float32Array.of(1) },
    }),
    forward(params, x) {
      const columns = leaf(params, 'weight') as TF.Tensor2D;
      const unit = tf.mul(columns, tf.rsqrt(tf.add(tf.sum(tf.square(columns), 0, true), 1e-12)));
      return tf.mul(tf.matMul(x, unit as TF.Tensor2D), leaf(params, 'gain'));
    },
  };
}

/** One round: a view tells the bag of words of the whole picture, by the words of a teacher that stands still. */
function wordsObjective(context: AdaptContext): Objective {
  const { backbone, settings } = context;
  const words = numberOf(settings, 'words');
  return {
    name: 'bownet',
    parts: { scores: scores(backbone.features, words) },
    target: null,
    teacher: backbone,
    buffers: { words: { shape: [words, backbone.features], dtype: 'float32' } },
    ...wholeAndView(context),
    sees: { online: ['view'], target: ['whole'] },
    hyper: () => ({}),
    loss({ online, maps, part, buffers }) {
      const bags = hardBags(wordDistances(leaf(maps.target, 'whole'), leaf(buffers, 'words') as TF.Tensor2D));
      return { loss: bagLoss(part('scores', leaf(online, 'view')), bags), metrics: { wordsInUse: wordsInUse(bags) } };
    },
    async begin({ executor, places, random }) {
      return { words: await findWords(executor, await places(), words, random) };
    },
  };
}

/**
 * BoWNet (section 3). A first teacher learns to tell rotations; its vectors t_u are put into words v_k by k-means; a
 * student that starts anew tells the bag of words of a picture from a view of it, and becomes the teacher of the next
 * round: −Σ_k y_k · log softmax_k(γ · φ(view)·w_k), ‖w_k‖ = 1, y_k the share of places whose nearest word is v_k.
 * One scale of words, the last map.
 */
export const bownet: Method = {
  name: 'bownet',
  summary:
    'Learns turns first, then visual words in rounds, each student teaching the next; for images with a fixed up.',
  source: 'Gidaris et al. 2020, Learning Representations by Predicting Bags of Visual Words, arXiv:2002.12247',
  settings: {
    ...trainingSettings,
    // Of each of its trainings, which are short.
    warmUpEpochs: { ...trainingSettings.warmUpEpochs, value: 0.5 },
    words: { value: 256, gloss: 'Words of the vocabulary.', range: [16, 8192], whole: true },
    rounds: {
      value: 2,
      gloss: 'Students one after another; passes are shared out evenly.',
      range: [1, 10],
      whole: true,
    },
  },
  defaults: { batch: 32, epochs: 6 },
  signature: wordsSignature,
  objective: wordsObjective,
  phases: (context) => [
    rotationObjective(context),
    ...Array.from({ length: numberOf(context.settings, 'rounds') }, () => wordsObjective(context)),
  ],
};
