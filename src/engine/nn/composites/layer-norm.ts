import type { tf as TF } from '../../tf.ts';
import { tf } from '../../tf.ts';
import { callComposite, defineComposite } from '../../compile/composite.ts';
import { need, result } from '../../compile/lower/rule.ts';

const NAME = 'LayerNorm';

defineComposite({
  name: NAME,
  infer: ({ x }) => {
    const shape = x?.shape ?? [];
    const row = { shape: [...shape.slice(0, -1), 1], dtype: 'float32' as const };
    return [{ shape, dtype: 'float32' }, row, row];
  },
  compose({ x, scale, shift }, { epsilon }) {
    const { mean, variance } = tf.moments(x as TF.Tensor, -1, true);
    const inverse = tf.rsqrt(tf.add(variance, epsilon as number));
    const unit = tf.mul(tf.sub(x as TF.Tensor, mean), inverse);
    return [tf.add(tf.mul(unit, scale as TF.Tensor), shift as TF.Tensor), mean, inverse];
  },
  gradient: {
    inputs: ['x', 'scale'],
    outputs: [false, true, true],
    backward: ([dy], [x, scale, mean, inverse]) => {
      const unit = tf.mul(tf.sub(x as TF.Tensor, mean as TF.Tensor), inverse as TF.Tensor);
      const error = tf.mul(dy as TF.Tensor, scale as TF.Tensor);
      const rows = Array.from({ length: unit.rank - 1 }, (_, i) => i);
      const along = tf.mean(tf.mul(error, unit), -1, true);
      return {
        x: tf.mul(inverse as TF.Tensor, tf.sub(tf.sub(error, tf.mean(error, -1, true)), tf.mul(unit, along))),
        scale: tf.sum(tf.mul(dy as TF.Tensor, unit), rows),
        shift: tf.sum(dy as TF.Tensor, rows),
      };
    },
  },
  lower(lowering, node, inputs) {
    const operands = ['x', 'scale', 'shift'].map((name) => lowering.get(need(inputs, name)));
    const attributes = { axis: -1, epsilon: { float: node.attributes['epsilon'] as number } };
    const names = lowering.graph.emitMany('LayerNormalization', operands, 3, attributes);
    names.forEach((name, i) => lowering.set(result(node, i), name));
  },
});

/**
 * Layer normalisation over the last axis (Ba, Kiros and Hinton 2016, equation 4).
 * @param x [..., n] @param scale [n] @param shift [n]
 */
export function layerNorm<T extends TF.Tensor>(x: T, scale: TF.Tensor, shift: TF.Tensor, epsilon: number): T {
  return callComposite(NAME, { x, scale, shift }, { epsilon })[0] as T;
}
