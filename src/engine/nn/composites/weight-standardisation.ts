import type { tf as TF } from '../../tf.ts';
import { tf } from '../../tf.ts';
import { callComposite, defineComposite } from '../../compile/composite.ts';

const NAME = 'WeightStandardisation';
const FILTER = [0, 1, 2];

// Filters are small, so a trace holds the composed ops; what is gained is the short gradient.
defineComposite({
  name: NAME,
  infer: ({ weight }) => {
    const shape = weight?.shape ?? [];
    return [
      { shape, dtype: 'float32' },
      { shape: [1, 1, 1, shape[3] ?? 1], dtype: 'float32' },
    ];
  },
  compose({ weight }, { epsilon }) {
    const { mean, variance } = tf.moments(weight as TF.Tensor, FILTER, true);
    const inverse = tf.rsqrt(tf.add(variance, epsilon as number));
    return [tf.mul(tf.sub(weight as TF.Tensor, mean), inverse), inverse];
  },
  gradient: {
    inputs: [],
    outputs: [true, true],
    backward: ([dy], [unit, inverse]) => {
      const error = dy as TF.Tensor;
      const along = tf.mean(tf.mul(error, unit as TF.Tensor), FILTER, true);
      const rest = tf.sub(tf.sub(error, tf.mean(error, FILTER, true)), tf.mul(unit as TF.Tensor, along));
      return { weight: tf.mul(rest, inverse as TF.Tensor) };
    },
  },
});

/**
 * Weight standardisation (Qiao et al. 2019, equation 5): every filter to mean 0 and (biased) variance 1.
 * @param weight [kh, kw, cIn, cOut]
 */
export function weightStandardisation(weight: TF.Tensor4D, epsilon: number): TF.Tensor4D {
  return callComposite(NAME, { weight }, { epsilon })[0] as TF.Tensor4D;
}
