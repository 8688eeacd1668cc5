import { tf } from '../tf.ts';

/**
 * Group normalisation (Wu and He 2018): over the image plane and each group of neighbouring channels.
 * @param x [n, h, w, c], `groups` dividing c @param scale [c] @param shift [c]
 */
export function groupNorm(
  x: tf.Tensor4D,
  scale: tf.Tensor,
  shift: tf.Tensor,
  groups: number,
  epsilon: number,
): tf.Tensor4D {
  const [n, h, w, c] = x.shape;
  const grouped = tf.reshape(x, [n, h * w, groups, c / groups]);
  const { mean, variance } = tf.moments(grouped, [1, 3], true);
  const normalised = tf.mul(tf.sub(grouped, mean), tf.rsqrt(tf.add(variance, epsilon)));
  return tf.add(tf.mul(tf.reshape(normalised, [n, h, w, c]), scale), shift);
}

/**
 * Weight standardisation (Qiao et al. 2019): every filter to mean 0 and (biased) variance 1.
 * @param weight [kh, kw, cIn, cOut]
 */
export function standardiseWeights(weight: tf.Tensor4D, epsilon: number): tf.Tensor4D {
  const { mean, variance } = tf.moments(weight, [0, 1, 2], true);
  return tf.mul(tf.sub(weight, mean), tf.rsqrt(tf.add(variance, epsilon)));
}
