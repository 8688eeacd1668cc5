import { tf } from '../tf.ts';

const through = tf.customGrad((x) => ({
  value: tf.clone(x as tf.Tensor),
  gradFunc: (dy) => tf.zerosLike(dy),
}));

/** The same values, of which no gradient comes back: constant to whoever differentiates. */
export function stopGradient<T extends tf.Tensor>(x: T): T {
  return through(x) as T;
}
