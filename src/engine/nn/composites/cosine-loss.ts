import type { tf as TF } from '../../tf.ts';
import { tf } from '../../tf.ts';
import { callComposite, defineComposite } from '../../compile/composite.ts';

const NAME = 'CosineLoss';
const SMALLEST = 1e-12;

const inverseNorm = (x: TF.Tensor): TF.Tensor => tf.rsqrt(tf.add(tf.sum(tf.square(x), 1, true), SMALLEST));

defineComposite({
  name: NAME,
  infer: ({ a }) => {
    const rows = a?.shape[0] ?? 1;
    const column = { shape: [rows, 1], dtype: 'float32' as const };
    return [{ shape: [rows], dtype: 'float32' }, column, column, column];
  },
  compose(inputs) {
    const { a, b } = inputs as Record<'a' | 'b', TF.Tensor2D>;
    const ofA = inverseNorm(a);
    const ofB = inverseNorm(b);
    const cosine = tf.sum(tf.mul(tf.mul(a, ofA), tf.mul(b, ofB)), 1, true);
    return [tf.reshape(tf.sub(2, tf.mul(2, cosine)), [a.shape[0]]), cosine, ofA, ofB];
  },
  gradient: {
    inputs: ['a', 'b'],
    outputs: [false, true, true, true],
    backward: ([dy], kept) => {
      const [a, b, cosine, ofA, ofB] = kept as [TF.Tensor, TF.Tensor, TF.Tensor, TF.Tensor, TF.Tensor];
      const unitA = tf.mul(a, ofA);
      const unitB = tf.mul(b, ofB);
      const factor = tf.mul(tf.reshape(dy as TF.Tensor, cosine.shape), -2);
      return {
        a: tf.mul(tf.mul(factor, ofA), tf.sub(unitB, tf.mul(unitA, cosine))),
        b: tf.mul(tf.mul(factor, ofB), tf.sub(unitA, tf.mul(unitB, cosine))),
      };
    },
  },
});

/**
 * 2 − 2·cos of each pair of rows, the squared distance of their unit vectors (Grill et al. 2020, equation 2).
 * @param a [n, d] @param b [n, d] @returns [n]
 */
export function cosineLoss(a: TF.Tensor2D, b: TF.Tensor2D): TF.Tensor1D {
  return callComposite(NAME, { a, b })[0] as TF.Tensor1D;
}
