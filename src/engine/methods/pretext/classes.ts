import type * as TF from '@tensorflow/tfjs';
import { tf } from '../../tf.ts';
import type { Tree } from '../../nn/types.ts';

/**
 * Softmax cross-entropy, and the share of rows whose largest logit is the right one.
 * @param logits [n, classes] @param labels [n] int32
 */
export function classify(logits: TF.Tensor2D, labels: TF.Tensor1D): { loss: TF.Scalar; metrics: Tree } {
  const truth = tf.oneHot(labels, logits.shape[1]) as TF.Tensor2D;
  const loss: TF.Scalar = tf.neg(tf.mean(tf.sum(tf.mul(tf.logSoftmax(logits), truth), 1)));
  const right = tf.equal(tf.cast(tf.argMax(logits, 1), 'int32'), labels);
  return { loss, metrics: { task: tf.mean(tf.cast(right, 'float32')) } };
}
