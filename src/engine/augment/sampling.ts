import type * as TF from '@tensorflow/tfjs';
import { tf } from '../tf.ts';

/**
 * Folds sampling positions back into a box by reflection about its outer pixel edges (the pattern repeats, so any
 * distance works), then holds them at the centres of its outermost pixels.
 * @param positions [n, out] in pixels; 0 is the centre of the first pixel
 * @param low [n, 1] first pixel of the box
 * @param high [n, 1] one past its last pixel
 */
export function reflectInto(positions: TF.Tensor2D, low: TF.Tensor2D, high: TF.Tensor2D): TF.Tensor2D {
  const length = tf.sub(high, low);
  const fromEdge = tf.sub(positions, tf.sub(low, 0.5));
  const period = tf.mul(length, 2);
  const phase = tf.sub(fromEdge, tf.mul(period, tf.floor(tf.div(fromEdge, period))));
  const folded = tf.sub(length, tf.abs(tf.sub(phase, length)));
  const held = tf.minimum(tf.maximum(tf.sub(folded, 0.5), 0), tf.sub(length, 1));
  return tf.add(held, low);
}

/**
 * Bilinear interpolation as a matrix: row i holds max(0, 1 − |position_i − j|) over source pixels j, the hat
 * function, so that `matrix · pixels` samples the line at the positions.
 * @param positions [n, out] in pixels, within 0..side−1
 * @returns [n, out, side]
 */
export function bilinearMatrix(positions: TF.Tensor2D, side: number): TF.Tensor3D {
  const pixels = tf.tensor3d(
    Float32Array.from({ length: side }, (_, j) => j),
    [1, 1, side],
  );
  const distance = tf.abs(tf.sub(tf.expandDims(positions, 2), pixels));
  return tf.relu(tf.sub(1, distance));
}

/**
 * Antialiased resize of a whole line as a matrix: triangle filter, widened by the scale when shrinking, rows of sum 1.
 * @returns [to, from], row-major
 */
export function antialiasedMatrix(from: number, to: number): Float32Array {
  const scale = from / to;
  const support = Math.max(scale, 1);
  const matrix = new Float32Array(to * from);
  for (let i = 0; i < to; i++) {
    const centre = (i + 0.5) * scale - 0.5;
    const weights = Array.from({ length: from }, (_, j) => Math.max(0, 1 - Math.abs(centre - j) / support));
    const total = weights.reduce((a, b) => a + b, 0);
    weights.forEach((weight, j) => (matrix[i * from + j] = weight / total));
  }
  return matrix;
}

/**
 * Gaussian blur of a line as a matrix, one per image; rows have sum 1, so edges stay as bright as they were.
 * @param sigma [n, 1] in pixels
 * @param applied [n, 1] 1 where the image is blurred, 0 where it stays
 * @returns [n, side, side]
 */
export function blurMatrix(sigma: TF.Tensor2D, applied: TF.Tensor2D, side: number): TF.Tensor3D {
  const offsets = new Float32Array(side * side);
  for (let i = 0; i < side; i++) for (let j = 0; j < side; j++) offsets[i * side + j] = -((i - j) ** 2) / 2;
  const squared = tf.expandDims(tf.square(sigma), 2);
  const weights = tf.exp(tf.div(tf.tensor3d(offsets, [1, side, side]), squared));
  const rows = tf.div(weights, tf.sum(weights, 2, true));
  const share = tf.expandDims(applied, 2);
  const same = tf.tensor3d(
    Float32Array.from({ length: side * side }, (_, k) => (k % (side + 1) === 0 ? 1 : 0)),
    [1, side, side],
  );
  return tf.add(tf.mul(rows, share), tf.mul(same, tf.sub(1, share)));
}
