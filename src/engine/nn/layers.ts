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

/** The 3×3, stride 2 max-pool of ResNet stems; what lies outside is never the largest. @param x [n, h, w, c] */
export const stemMaxPool = (x: tf.Tensor4D): tf.Tensor4D => tf.maxPool(x, 3, 2, 1);

/** That of BiT, which pads with zeros: they are the largest where a convolution is negative. @param x [n, h, w, c] */
export function zeroPaddedMaxPool(x: tf.Tensor4D): tf.Tensor4D {
  const around: [number, number] = [1, 1];
  return tf.maxPool(tf.pad(x, [[0, 0], around, around, [0, 0]]), 3, 2, 'valid');
}
