import type * as TF from '@tensorflow/tfjs';
import { tf } from '../tf.ts';
import { unitRows } from './losses/cosine.ts';
import type { Signature } from './types.ts';

/**
 * Standard deviation of unit-length rows per column, averaged, times √width: about 1 where directions are spread evenly,
 * 0 where all rows are one (Chen & He 2021, section 4.1).
 * @param x [n, width]
 */
export function outputSpread(x: TF.Tensor2D): TF.Scalar {
  const unit = unitRows(x);
  const centred = tf.sub(unit, tf.mean(unit, 0, true));
  const deviation = tf.sqrt(tf.mean(tf.square(centred), 0));
  return tf.mul(tf.mean(deviation), Math.sqrt(x.shape[1]));
}
export const spreadLost = { metric: 'spread', floor: 0.02, means: 'collapsed' } as const satisfies Signature['sign'];

/**
 * What an image's probabilities tell about which image it is: entropy of their mean, less their mean entropy, over its
 * largest value. 0 where all images get the same, be that one prototype or all of them alike (the two ways to collapse
 * of Caron et al. 2021, section 5.3).
 * @param probabilities [n, k], rows of sum 1
 */
export function information(probabilities: TF.Tensor2D): TF.Scalar {
  const [n, k] = probabilities.shape;
  const entropy = (p: TF.Tensor, axis: number): TF.Tensor => tf.neg(tf.sum(tf.mul(p, tf.log(tf.add(p, 1e-12))), axis));
  const told = tf.sub(entropy(tf.mean(probabilities, 0), 0), tf.mean(entropy(probabilities, 1)));
  return tf.div(told, Math.log(Math.min(n, k)));
}
export const informationLost = {
  metric: 'information',
  floor: 1e-4,
  means: 'collapsed',
} as const satisfies Signature['sign'];
