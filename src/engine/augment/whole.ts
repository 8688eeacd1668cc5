import type * as TF from '@tensorflow/tfjs';
import { tf } from '../tf.ts';
import { antialiasedMatrix } from './sampling.ts';

/**
 * The whole record at the side the network sees: antialiased (triangle filter) resize as two matrix products with
 * constant matrices. Edge padding outside the content box stays, so the picture keeps its aspect.
 * @param images [n, side, side, 3] in 0..1
 * @returns [n, 3, size, size] planar (NCHW) in 0..1
 */
export function wholeImage(images: TF.Tensor4D, size: number): TF.Tensor4D {
  return resized(tf.transpose(images, [0, 3, 1, 2]) as TF.Tensor4D, size);
}

/** Antialiased resize of square planes. @param planar [n, c, side, side] @returns [n, c, size, size] */
export function resized(planar: TF.Tensor4D, size: number): TF.Tensor4D {
  const [n, channels, side] = planar.shape;
  if (side === size) return planar;
  const matrix = antialiasedMatrix(side, size);
  const columns = tf.tensor2d(transposed(matrix, size, side), [side, size]);
  const narrow = tf.matMul(tf.reshape(planar, [n * channels * side, side]), columns);
  const rows = tf.tensor3d(matrix, [1, size, side]);
  const small = tf.matMul(rows, tf.reshape(narrow, [n * channels, side, size]));
  return tf.reshape(small, [n, channels, size, size]);
}

/**
 * The eight flips and quarter turns of square images, the unchanged ones first.
 * @param planar [n, 3, s, s]
 * @returns [8·n, 3, s, s], turn-major
 */
export function eightTurns(planar: TF.Tensor4D): TF.Tensor4D {
  const mirrored = tf.concat([planar, tf.reverse(planar, 3)]);
  const flipped = tf.concat([mirrored, tf.reverse(mirrored, 2)]);
  return tf.concat([flipped, tf.transpose(flipped, [0, 1, 3, 2])]);
}

function transposed(matrix: Float32Array, rows: number, columns: number): Float32Array {
  return Float32Array.from({ length: matrix.length }, (_, k) => {
    const row = k % rows;
    return matrix[row * columns + Math.floor(k / rows)] as number;
  });
}

/**
 * Square images turned by 0, 90, 180 and 270 degrees against the clock.
 * @param planar [n, 3, s, s]
 * @returns [4·n, 3, s, s], turn-major
 */
export function fourTurns(planar: TF.Tensor4D): TF.Tensor4D {
  const diagonal = tf.transpose(planar, [0, 1, 3, 2]) as TF.Tensor4D;
  return tf.concat([planar, tf.reverse(diagonal, 2), tf.reverse(planar, [2, 3]), tf.reverse(diagonal, 3)]);
}
