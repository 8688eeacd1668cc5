import type * as TF from '@tensorflow/tfjs';
import { tf } from '../../tf.ts';
import { resized } from '../../augment/whole.ts';
import type { Tree } from '../../nn/types.ts';

/** Pixels along a side that a decoder gives for each place of the map. */
export const DETAIL = 8;

/**
 * Mean squared error of pixels told from a map, in units of what the mean colour of the batch leaves: 1 is no better
 * than that, 0 is perfect.
 * @param told [n, h, w, 8 · 8 · channels]: for every place of the map a square of pixels, row by row
 * @param truth [n, channels, s, s] planar, brought to the size of what was told
 */
export function pixelLoss(told: TF.Tensor4D, truth: TF.Tensor4D): { loss: TF.Scalar; metrics: Tree } {
  const [n, height, width] = told.shape;
  const channels = truth.shape[1];
  const small = resized(truth, height * DETAIL);
  const squares = tf.transpose(tf.reshape(small, [n, channels, height, DETAIL, width, DETAIL]), [0, 2, 4, 3, 5, 1]);
  const aim = tf.reshape(squares, told.shape);
  const centred = tf.sub(small, tf.mean(small, [0, 2, 3], true));
  const scale = tf.add(tf.mean(tf.square(centred)), 1e-6);
  const loss: TF.Scalar = tf.div(tf.mean(tf.squaredDifference(told, aim)), scale);
  return { loss, metrics: { task: tf.sub(1, loss) } };
}

/** A part applied at every place of a map. @param map [n, h, w, d] @returns [n, h, w, …] */
export function placesOf(map: TF.Tensor4D, part: (rows: TF.Tensor2D) => TF.Tensor2D): TF.Tensor4D {
  const [n, height, width, channels] = map.shape;
  const told = part(tf.reshape(map, [n * height * width, channels]));
  return tf.reshape(told, [n, height, width, told.shape[1]]);
}
