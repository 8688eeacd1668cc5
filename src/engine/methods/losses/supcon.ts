import type * as TF from '@tensorflow/tfjs';
import { tf } from '../../tf.ts';
import { unitRows } from './cosine.ts';
import { identity } from './identity.ts';

/**
 * Supervised contrastive loss (Khosla et al. 2020, equation 2, L_out): every row must find all rows of its class among
 * all others by cosine similarity, mean over rows. A row whose class is not known has its other views alone.
 * @param rows [views·n, d], view-major
 * @param labels [n] int32, below 0 where the class is not known
 * @param temperature scalar
 */
export function supCon(rows: TF.Tensor2D, labels: TF.Tensor1D, temperature: TF.Scalar): TF.Scalar {
  const n = labels.shape[0];
  const count = rows.shape[0];
  const views = count / n;
  const unit = unitRows(rows);
  const similarity: TF.Tensor2D = tf.div(tf.matMul(unit, unit, false, true), temperature);
  const itself = identity(count);
  const sameImage = tf.sub(tf.tile(identity(n), [views, views]), itself);
  const known = tf.cast(tf.greaterEqual(labels, 0), 'float32');
  const sameClass = tf.mul(
    tf.cast(tf.equal(tf.expandDims(labels, 1), tf.expandDims(labels, 0)), 'float32'),
    tf.expandDims(known, 1),
  );
  const ofClass = tf.mul(tf.tile(sameClass, [views, views]), tf.sub(1, itself));
  const positive = tf.maximum(ofClass, sameImage);
  // Similarities stay below 1/temperature: this takes a row's similarity to itself out of the softmax.
  const logProbability = tf.logSoftmax(tf.sub(similarity, tf.mul(itself, 1e9)));
  const perRow = tf.div(tf.sum(tf.mul(logProbability, positive), 1), tf.sum(positive, 1));
  return tf.neg(tf.mean(perRow));
}
