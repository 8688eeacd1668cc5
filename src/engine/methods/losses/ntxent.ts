import type * as TF from '@tensorflow/tfjs';
import { tf } from '../../tf.ts';
import { unitRows } from './cosine.ts';
import { identity } from './identity.ts';

/**
 * NT-Xent (Chen et al. 2020, equation 1): every row must find its other view among all others by cosine similarity;
 * mean over both views.
 * @param rows [2·n, d], row i and row i + n are views of one image
 * @param temperature scalar
 */
export function ntXent(rows: TF.Tensor2D, temperature: TF.Scalar): TF.Scalar {
  const n = rows.shape[0];
  const unit = unitRows(rows);
  const similarity: TF.Tensor2D = tf.div(tf.matMul(unit, unit, false, true), temperature);
  // Similarities stay below 1/temperature: this takes a row's similarity to itself out of the softmax.
  const itself = tf.mul(identity(n), 1e9);
  const other = tf.tensor2d(
    Float32Array.from({ length: n * n }, (_, k) => (k % n === (Math.floor(k / n) + n / 2) % n ? 1 : 0)),
    [n, n],
  );
  const logProbability = tf.logSoftmax(tf.sub(similarity, itself));
  return tf.neg(tf.mean(tf.sum(tf.mul(logProbability, other), 1)));
}
