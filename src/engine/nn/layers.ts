import { tf } from '../tf.ts';

/** TensorFlow's "same" (odd pixel at the bottom and right), or as many pixels on every side, as PyTorch pads. */
export type Padding = 'same' | number;

export interface ConvOptions {
  readonly stride?: number;
  readonly padding?: Padding;
}

/** Convolution. @param x [n, h, w, cIn] @param weight [kh, kw, cIn, cOut] */
export function conv2d(
  x: tf.Tensor4D,
  weight: tf.Tensor4D,
  { stride = 1, padding = 'same' }: ConvOptions = {},
): tf.Tensor4D {
  return tf.conv2d(x, weight, stride, padding);
}

/** Depthwise convolution, one filter per channel. @param x [n, h, w, c] @param weight [kh, kw, c, 1] */
export function depthwiseConv2d(
  x: tf.Tensor4D,
  weight: tf.Tensor4D,
  { stride = 1, padding = 'same' }: ConvOptions = {},
): tf.Tensor4D {
  return tf.depthwiseConv2d(x, weight, stride, padding);
}

/** Mean over the image plane. @param x [n, h, w, c] @returns [n, c] */
export function globalAveragePool(x: tf.Tensor4D): tf.Tensor2D {
  return tf.mean(x, [1, 2]);
}

/**
 * The 3×3, stride 2 max-pool of ResNet stems, one pixel of zeros around. PyTorch pads with −∞ where the pool follows
 * a ReLU (nothing is below zero, so zeros give the same) and BiT pads with zeros on purpose.
 * @param x [n, h, w, c]
 */
export function stemMaxPool(x: tf.Tensor4D): tf.Tensor4D {
  const around: [number, number] = [1, 1];
  return tf.maxPool(tf.pad(x, [[0, 0], around, around, [0, 0]]), 3, 2, 'valid');
}
