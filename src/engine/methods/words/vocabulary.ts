import type * as TF from '@tensorflow/tfjs';
import { tf } from '../../tf.ts';

/** Maps smaller than this keep their edge: nothing would be left. */
const SMALLEST = 5;

/** A map without the places at its edge, which see more padding than picture. @param map [n, h, w, d] */
export function inner(map: TF.Tensor4D): TF.Tensor4D {
  const [n, height, width, channels] = map.shape;
  if (Math.min(height, width) < SMALLEST) return map;
  return tf.slice(map, [0, 1, 1, 0], [n, height - 2, width - 2, channels]);
}

/**
 * One vector of each map, the mean over 3×3 places around a random one (over all places of a smaller map), as new words
 * (Gidaris et al. 2021, section 3).
 * @param map [n, h, w, d] @param chance [n, 1] uniform in 0..1 @returns [n, d]
 */
export function sampleWords(map: TF.Tensor4D, chance: TF.Tensor2D): TF.Tensor2D {
  const [n, height, width, channels] = map.shape;
  const [rows, columns] = [Math.max(1, height - 2), Math.max(1, width - 2)];
  const shares = new Float32Array(rows * columns * height * width);
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      const [high, wide] = [Math.min(3, height), Math.min(3, width)];
      for (let y = row; y < row + high; y++) {
        for (let x = column; x < column + wide; x++) {
          shares[((row * columns + column) * height + y) * width + x] = 1 / (high * wide);
        }
      }
    }
  }
  const means = tf.tensor2d(shares, [rows * columns, height * width]);
  const place = tf.cast(tf.floor(tf.mul(tf.reshape(chance, [n]), rows * columns)), 'int32') as TF.Tensor1D;
  const weights = tf.gather(means, place);
  const places = tf.reshape(map, [n, height * width, channels]);
  return tf.reshape(tf.matMul(tf.reshape(weights, [n, 1, height * width]), places), [n, channels]);
}

/** The oldest words make room for new ones. @param words [k, d] oldest first @param fresh [n, d] @returns [k, d] */
export function renewed(words: TF.Tensor2D, fresh: TF.Tensor2D): TF.Tensor2D {
  const [count, width] = words.shape;
  const all = tf.concat([words, fresh]);
  return tf.slice(all, [all.shape[0] - count, 0], [count, width]);
}
