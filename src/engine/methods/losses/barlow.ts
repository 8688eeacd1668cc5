import type * as TF from '@tensorflow/tfjs';
import { tf } from '../../tf.ts';
import { identity } from './identity.ts';

const epsilon = 1e-5;

/** Columns of mean 0 and variance 1 over the batch. */
function standardised(x: TF.Tensor2D): TF.Tensor2D {
  const centred = tf.sub(x, tf.mean(x, 0, true));
  return tf.mul(centred, tf.rsqrt(tf.add(tf.mean(tf.square(centred), 0, true), epsilon)));
}

/**
 * Barlow Twins (Zbontar et al. 2021, equations 1 and 2): the correlation of the two views' columns is to be the identity,
 * Σᵢ (1 − Cᵢᵢ)² + λ·Σᵢ Σⱼ≠ᵢ Cᵢⱼ².
 * @param a [n, d] @param b [n, d]
 * @param redundancy λ, scalar
 */
export function barlowTwins(a: TF.Tensor2D, b: TF.Tensor2D, redundancy: TF.Scalar): TF.Scalar {
  const [n, d] = a.shape;
  const correlation = tf.div(tf.matMul(standardised(a), standardised(b), true, false), n);
  const same = identity(d);
  const squares = tf.square(tf.sub(correlation, same));
  return tf.add(
    tf.sum(tf.mul(squares, same)),
    tf.mul(tf.sum(tf.mul(squares, tf.sub(1, same))), redundancy),
  ) as TF.Scalar;
}
