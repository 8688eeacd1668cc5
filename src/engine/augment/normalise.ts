import type * as TF from '@tensorflow/tfjs';
import { tf } from '../tf.ts';
import type { Backbone } from '../backbones/types.ts';

/**
 * What a backbone takes: (x − mean) / std per channel, channels last.
 * @param planar [n, 3, s, s] in 0..1
 * @returns [n, s, s, 3]
 */
export function normalise(planar: TF.Tensor4D, { mean, std }: Backbone['preprocessing']): TF.Tensor4D {
  const gain = tf.tensor4d(
    std.map((value) => 1 / value),
    [1, 3, 1, 1],
  );
  const shift = tf.tensor4d(
    std.map((value, channel) => -(mean[channel] as number) / value),
    [1, 3, 1, 1],
  );
  return tf.transpose(tf.add(tf.mul(planar, gain), shift), [0, 2, 3, 1]);
}
