import type * as TF from '@tensorflow/tfjs';
import { tf } from '../../tf.ts';
import { identity } from './identity.ts';

const epsilon = 1e-4;

export interface VicregWeights {
  readonly invariance: TF.Scalar;
  readonly variance: TF.Scalar;
  readonly covariance: TF.Scalar;
}

/**
 * VICReg (Bardes et al. 2022, equations 1–6): the mean squared distance of the views (λ), a hinge that keeps the standard
 * deviation of each column above 1 (µ, mean of both views), and the squared covariances between columns over their
 * number (ν, sum of both views).
 * @param a [n, d] @param b [n, d]
 */
export function vicreg(a: TF.Tensor2D, b: TF.Tensor2D, weights: VicregWeights): TF.Scalar {
  const [n, d] = a.shape;
  const others = tf.sub(1, identity(d));
  const hinge = (centred: TF.Tensor2D): TF.Tensor => {
    const deviation = tf.sqrt(tf.add(tf.div(tf.sum(tf.square(centred), 0), n - 1), epsilon));
    return tf.mean(tf.relu(tf.sub(1, deviation)));
  };
  const spill = (centred: TF.Tensor2D): TF.Tensor => {
    const covariance = tf.div(tf.matMul(centred, centred, true, false), n - 1);
    return tf.div(tf.sum(tf.mul(tf.square(covariance), others)), d);
  };
  const [x, y] = [a, b].map((rows): TF.Tensor2D => tf.sub(rows, tf.mean(rows, 0, true))) as [TF.Tensor2D, TF.Tensor2D];
  const invariance = tf.mean(tf.square(tf.sub(a, b)));
  const variance = tf.div(tf.add(hinge(x), hinge(y)), 2);
  const covariance = tf.add(spill(x), spill(y));
  return tf.addN([
    tf.mul(weights.invariance, invariance),
    tf.mul(weights.variance, variance),
    tf.mul(weights.covariance, covariance),
  ]) as TF.Scalar;
}
