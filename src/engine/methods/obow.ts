import type * as TF from '@tensorflow/tfjs';
import { tf } from '../tf.ts';
import { leaf } from '../nn/tree.ts';
import { targetDecay } from '../optim/schedules.ts';
import { mlp } from './heads.ts';
import { unitRows } from './losses/cosine.ts';
import { numberOf, trainingSettings } from './settings.ts';
import type { Method, Part } from './types.ts';
import { bagLoss, wordDistances, softBags, wordsInUse } from './words/bags.ts';
import { inner, renewed, sampleWords } from './words/vocabulary.ts';
import { wholeAndView, wordsSignature } from './words/whole-and-view.ts';

/** How slowly the mean distance to the nearest word follows. */
const DISTANCE_SHARE = 0.01;

/** Weights of the words' scores out of the words themselves, each of length 1 (section 3). [words, d] to [words, features] */
function wordScores(features: number, hidden: number): Part {
  const inside = mlp({ input: features, hidden, output: features, norm: 'batch', outputBias: true });
  return { ...inside, forward: (params, words) => unitRows(inside.forward(params, unitRows(words), 1)) };
}

/**
 * Online bag-of-words (section 3). A view tells which words v_k a slowly moving teacher sees in the whole picture:
 * −Σ_k y_k · log softmax_k(κ · G(v_k)·φ(view)), with the teacher's bag y_k ∝ max_u softmax_k(−‖t_u − v_k‖² / δ), where δ
 * is a share of the mean distance to the nearest word. The words are a queue of the teacher's own vectors t_u, and G
 * makes the weights of their scores from the words. One scale of words, the last map; one view of the student.
 */
export const obow: Method = {
  name: 'obow',
  summary: 'Tells from a part of an image which visual words the whole is made of; the words follow the learning.',
  source: 'Gidaris et al. 2021, Online Bag-of-Visual-Words Generation for Representation Learning, arXiv:2012.11552',
  settings: {
    ...trainingSettings,
    hidden: {
      value: 1024,
      gloss: 'Hidden width of what makes scores of words.',
      range: [8, 8192],
      whole: true,
      unit: 'channels',
    },
    words: { value: 512, gloss: 'Words of the vocabulary; the oldest make room.', range: [16, 8192], whole: true },
    tau: { value: 0.99, gloss: 'How slowly the target follows at the start; rises to 1.', range: [0, 1] },
    kappa: { value: 5, gloss: 'Scale of the scores of words.', range: [0.1, 100] },
    sharpness: { value: 15, gloss: 'How clearly a place belongs to one word: 1/δ.', range: [0.1, 1000] },
  },
  defaults: { batch: 64, epochs: 4 },
  signature: wordsSignature,
  objective(context) {
    const { backbone, batch, settings } = context;
    const words = numberOf(settings, 'words');
    const inputs = wholeAndView(context);
    return {
      name: 'obow',
      parts: { words: wordScores(backbone.features, numberOf(settings, 'hidden')) },
      target: [],
      buffers: {
        words: { shape: [words, backbone.features], dtype: 'float32' },
        distance: { shape: [], dtype: 'float32' },
      },
      // As a rectified map might hold: until real words came they only have to differ.
      initialBuffers: (random) => ({
        words: {
          shape: [words, backbone.features],
          dtype: 'float32',
          data: random.normal(words * backbone.features).map((value) => Math.max(0, value)),
        },
        distance: { shape: [], dtype: 'float32', data: new Float32Array(1) },
      }),
      ...inputs,
      random: { ...inputs.random, place: { shape: [batch, 1], dtype: 'float32' } },
      draw: (generator) => ({
        ...inputs.draw(generator),
        place: { shape: [batch, 1], dtype: 'float32', data: generator.uniform(batch) },
      }),
      sees: { online: ['view'], target: ['whole'] },
      hyper: (step, { total }) => ({
        targetShare: 1 - targetDecay(numberOf(settings, 'tau'), step, total),
        kappa: numberOf(settings, 'kappa'),
        sharpness: numberOf(settings, 'sharpness'),
        // The mean of what was seen so far, while that is little.
        distanceShare: Math.max(DISTANCE_SHARE, 1 / (step + 1)),
      }),
      loss({ online, maps, part, buffers, random, hyper }) {
        const map = inner(leaf(maps.target, 'whole'));
        const known = leaf(buffers, 'words') as TF.Tensor2D;
        const distances = wordDistances(map, known);
        const before = leaf(buffers, 'distance');
        const nearest = tf.mean(tf.min(distances, 2));
        const distance = tf.add(before, tf.mul(tf.sub(nearest, before), leaf(hyper, 'distanceShare')));
        const bags = softBags(distances, tf.div(leaf(hyper, 'sharpness'), tf.add(distance, 1e-6)));
        const scores = tf.matMul(leaf(online, 'view'), part('words', known), false, true);
        return {
          loss: bagLoss(tf.mul(scores, leaf(hyper, 'kappa')), bags),
          buffers: { distance, words: renewed(known, sampleWords(map, leaf(random, 'place') as TF.Tensor2D)) },
          metrics: { wordsInUse: wordsInUse(bags) },
        };
      },
    };
  },
};
