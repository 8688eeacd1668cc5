import type * as TF from '@tensorflow/tfjs';
import { tf } from '../../tf.ts';

/**
 * Soft assignment of rows to prototypes such that each prototype gets the same share of the batch: the entropic
 * optimal transport plan by Sinkhorn–Knopp (Cuturi 2013; Caron et al. 2020, equations 3–5).
 * @param scores [n, prototypes]; not meant to be differentiated
 * @param epsilon softness; small values overflow nothing, as the largest score is taken off first
 * @returns [n, prototypes], rows of sum 1
 */
export function sinkhorn(scores: TF.Tensor2D, epsilon: TF.Scalar, iterations: number): TF.Tensor2D {
  const [n, prototypes] = scores.shape;
  let plan: TF.Tensor2D = tf.exp(tf.div(tf.sub(scores, tf.max(scores)), epsilon));
  for (let i = 0; i < iterations; i++) {
    plan = tf.div(plan, tf.mul(tf.sum(plan, 0, true), prototypes));
    plan = tf.div(plan, tf.mul(tf.sum(plan, 1, true), n));
  }
  return tf.mul(plan, n);
}
