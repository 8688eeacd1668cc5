import type * as TF from '@tensorflow/tfjs';
import { tf } from '../../tf.ts';

/** Rows of length 1. @param x [n, d] */
export function unitRows(x: TF.Tensor2D): TF.Tensor2D {
  return tf.mul(x, tf.rsqrt(tf.add(tf.sum(tf.square(x), 1, true), 1e-12)));
}

/** −cos between rows, mean over rows (Chen & He 2021, equation 1). @param a [n, d] @param b [n, d] */
export function negativeCosine(a: TF.Tensor2D, b: TF.Tensor2D): TF.Scalar {
  return tf.neg(tf.mean(tf.sum(tf.mul(unitRows(a), unitRows(b)), 1)));
}
