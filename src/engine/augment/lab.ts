import type * as TF from '@tensorflow/tfjs';
import { tf } from '../tf.ts';

/** Linear sRGB to CIE XYZ, each row divided by the white of D65, so that white is (1, 1, 1). */
const toXyz = (() => {
  const rows = [
    [0.4124564, 0.3575761, 0.1804375],
    [0.2126729, 0.7151522, 0.072175],
    [0.0193339, 0.119192, 0.9503041],
  ];
  return Float32Array.from(rows.flatMap((row) => row.map((value) => value / row.reduce((a, b) => a + b, 0))));
})();
/** L, a, b without their offset, of the cube roots of X, Y, Z (CIE 15:2004, section 8.2.1). */
const fromRoots = Float32Array.of(0, 116, 0, 500, -500, 0, 0, 200, -200);
const delta = 6 / 29;

const matrix = (values: Float32Array): TF.Tensor3D => tf.tensor3d(values, [1, 3, 3]);
const power = (x: TF.Tensor3D, exponent: number): TF.Tensor3D => tf.exp(tf.mul(tf.log(tf.maximum(x, 1e-8)), exponent));

/**
 * sRGB to CIE L*a*b* under D65: L in 0..100, a and b about ±100.
 * @param planar [n, 3, s, s] in 0..1
 * @returns [n, 3, s, s]
 */
export function toLab(planar: TF.Tensor4D): TF.Tensor4D {
  const [n, , height, width] = planar.shape;
  const pixels = tf.reshape(planar, [n, 3, height * width]);
  const linear: TF.Tensor3D = tf.where(
    tf.lessEqual(pixels, 0.04045),
    tf.div(pixels, 12.92),
    power(tf.div(tf.add(pixels, 0.055), 1.055), 2.4),
  );
  const xyz = tf.matMul(matrix(toXyz), linear) as TF.Tensor3D;
  const roots: TF.Tensor3D = tf.where(
    tf.greater(xyz, delta ** 3),
    power(xyz, 1 / 3),
    tf.add(tf.div(xyz, 3 * delta ** 2), 4 / 29),
  );
  const offset = tf.tensor3d([16, 0, 0], [1, 3, 1]);
  return tf.reshape(tf.sub(tf.matMul(matrix(fromRoots), roots), offset), planar.shape);
}
