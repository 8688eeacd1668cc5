import type * as TF from '@tensorflow/tfjs';
import { tf } from '../../tf.ts';

/** ‖row − word‖² of every row and word. @param rows [n, d] @param words [k, d] @returns [n, k], never below 0 */
export function squaredDistances(rows: TF.Tensor2D, words: TF.Tensor2D): TF.Tensor2D {
  const products = tf.matMul(rows, words, false, true);
  const ofRows = tf.sum(tf.square(rows), 1, true);
  const ofWords = tf.reshape(tf.sum(tf.square(words), 1), [1, -1]);
  return tf.relu(tf.sub(tf.add(ofRows, ofWords), tf.mul(products, 2)));
}

/**
 * Bags of words with hard assignment: how often each word is the nearest one, as shares (Gidaris et al. 2020,
 * section 3).
 * @param distances [n, places, words] @returns [n, words], rows of sum 1
 */
export function hardBags(distances: TF.Tensor3D): TF.Tensor2D {
  const nearest = tf.argMin(distances, 2);
  return tf.mean(tf.oneHot(nearest as TF.Tensor1D, distances.shape[2]), 1);
}

/**
 * Bags of words with soft assignment: softmax(−d · sharpness) over words, the largest over places, rows of sum 1
 * (Gidaris et al. 2021, section 3).
 * @param distances [n, places, words] @param sharpness scalar 1/δ
 */
export function softBags(distances: TF.Tensor3D, sharpness: TF.Tensor): TF.Tensor2D {
  const codes = tf.softmax(tf.neg(tf.mul(distances, sharpness)));
  const largest: TF.Tensor2D = tf.max(codes, 1);
  return tf.div(largest, tf.sum(largest, 1, true));
}

/** −Σ target · log softmax(logits), mean over rows. @param logits [n, k] */
export function bagLoss(logits: TF.Tensor2D, target: TF.Tensor2D): TF.Scalar {
  return tf.neg(tf.mean(tf.sum(tf.mul(target, tf.logSoftmax(logits)), 1)));
}

/** exp of the entropy of the words of all images together: how many words are in use. @param bags [n, words] */
export function wordsInUse(bags: TF.Tensor2D): TF.Scalar {
  const shares = tf.mean(bags, 0);
  return tf.exp(tf.neg(tf.sum(tf.mul(shares, tf.log(tf.add(shares, 1e-8))))));
}

/** ‖vector − word‖² at every place of a map. @param map [n, h, w, d] @returns [n, h · w, words] */
export function wordDistances(map: TF.Tensor4D, words: TF.Tensor2D): TF.Tensor3D {
  const [n, height, width, channels] = map.shape;
  const rows: TF.Tensor2D = tf.reshape(map, [n * height * width, channels]);
  return tf.reshape(squaredDistances(rows, words), [n, height * width, words.shape[0]]);
}
