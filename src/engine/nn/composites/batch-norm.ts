import type { tf as TF } from '../../tf.ts';
import { tf } from '../../tf.ts';
import { callComposite, defineComposite } from '../../compile/composite.ts';
import { sizeOf } from '../../compile/ir.ts';
import type { Value } from '../../compile/ir.ts';
import { axisIn } from '../../compile/lower/layout.ts';
import type { Layout } from '../../compile/lower/layout.ts';
import type { Lowering } from '../../compile/lower/lowering.ts';
import { need, result } from '../../compile/lower/rule.ts';

const NAME = 'BatchNormTrain';
const GRADIENT = 'BatchNormTrainGrad';

const others = (rank: number): number[] => Array.from({ length: rank - 1 }, (_, i) => i);
const specs = (shape: readonly number[]) => {
  const channels = { shape: shape.slice(-1), dtype: 'float32' as const };
  return [{ shape, dtype: 'float32' as const }, channels, channels];
};

/** Where the channels of `x` lie, and how a vector of channels broadcasts there. */
function channelsOf(
  lowering: Lowering,
  x: Value,
): { layout: Layout; axes: string; vector: (name: string) => string; flat: (name: string) => string } {
  const g = lowering.graph;
  const rank = x.shape.length;
  const layout = lowering.layoutOf(x);
  const at = axisIn(layout, rank - 1);
  const channels = x.shape[rank - 1] as number;
  return {
    layout,
    axes: g.ints(others(rank + 1).filter((axis) => axis !== at)),
    vector: (name) =>
      g.reshape(
        name,
        Array.from({ length: rank }, (_, axis) => (axis === at ? channels : 1)),
      ),
    flat: (name) => g.reshape(name, [channels]),
  };
}

defineComposite({
  name: NAME,
  infer: ({ x }) => specs(x?.shape ?? []),
  compose({ x, scale, shift }, { epsilon }) {
    const axes = others((x as TF.Tensor).rank);
    const mean = tf.mean(x as TF.Tensor, axes);
    const centred = tf.sub(x as TF.Tensor, mean);
    const variance = tf.mean(tf.square(centred), axes);
    const factor = tf.mul(tf.rsqrt(tf.add(variance, epsilon as number)), scale as TF.Tensor);
    return [tf.add(tf.mul(centred, factor), shift as TF.Tensor), mean, variance];
  },
  gradient: {
    inputs: ['x', 'scale'],
    outputs: [false, true, true],
    backward: ([dy], [x, scale, mean, variance], attributes) => {
      const kept = { dy, x, scale, mean, variance } as Record<string, TF.Tensor>;
      const [dx, dscale, dshift] = callComposite(GRADIENT, kept, attributes) as [TF.Tensor, TF.Tensor, TF.Tensor];
      return { x: dx, scale: dscale, shift: dshift };
    },
  },
  lower(lowering, node, inputs) {
    const g = lowering.graph;
    const x = need(inputs, 'x');
    const { layout, axes, vector, flat } = channelsOf(lowering, x);
    const mean = g.emit('ReduceMean', [lowering.get(x, layout), axes], { keepdims: 1 });
    const centred = g.emit('Sub', [lowering.get(x, layout), mean]);
    const variance = g.emit('ReduceMean', [g.emit('Mul', [centred, centred]), axes], { keepdims: 1 });
    const deviation = g.emit('Sqrt', [g.emit('Add', [variance, g.float(node.attributes['epsilon'] as number)])]);
    const factor = g.emit('Div', [vector(lowering.get(need(inputs, 'scale'))), deviation]);
    const y = g.emit('Add', [g.emit('Mul', [centred, factor]), vector(lowering.get(need(inputs, 'shift')))]);
    lowering.set(result(node), y, layout);
    lowering.set(result(node, 1), flat(mean));
    lowering.set(result(node, 2), flat(variance));
  },
});

defineComposite({
  name: GRADIENT,
  infer: ({ x }) => specs(x?.shape ?? []),
  compose(inputs, { epsilon }) {
    const { dy, x, scale, mean, variance } = inputs as Record<'dy' | 'x' | 'scale' | 'mean' | 'variance', TF.Tensor>;
    const axes = others(x.rank);
    const inverse = tf.rsqrt(tf.add(variance, epsilon as number));
    const unit = tf.mul(tf.sub(x, mean), inverse);
    const dshift = tf.sum(dy, axes);
    const dscale = tf.sum(tf.mul(dy, unit), axes);
    const common = tf.div(tf.add(dshift, tf.mul(unit, dscale)), x.size / (x.shape.at(-1) as number));
    return [tf.mul(tf.mul(scale, inverse), tf.sub(dy, common)), dscale, dshift];
  },
  lower(lowering, node, inputs) {
    const g = lowering.graph;
    const x = need(inputs, 'x');
    const { layout, axes, vector, flat } = channelsOf(lowering, x);
    const share = g.float((x.shape.at(-1) as number) / sizeOf(x.shape));
    const dy = lowering.get(need(inputs, 'dy'), layout);
    const column = (name: string) => vector(lowering.get(need(inputs, name)));
    const deviation = g.emit('Sqrt', [
      g.emit('Add', [column('variance'), g.float(node.attributes['epsilon'] as number)]),
    ]);
    const unit = g.emit('Div', [g.emit('Sub', [lowering.get(x, layout), column('mean')]), deviation]);
    const dshift = g.emit('ReduceSum', [dy, axes], { keepdims: 1 });
    const dscale = g.emit('ReduceSum', [g.emit('Mul', [dy, unit]), axes], { keepdims: 1 });
    const along = g.emit('Mul', [unit, g.emit('Mul', [dscale, share])]);
    const rest = g.emit('Sub', [g.emit('Sub', [dy, g.emit('Mul', [dshift, share])]), along]);
    lowering.set(result(node), g.emit('Mul', [rest, g.emit('Div', [column('scale'), deviation])]), layout);
    lowering.set(result(node, 1), flat(dscale));
    lowering.set(result(node, 2), flat(dshift));
  },
});

/**
 * Batch normalisation by the batch's own statistics (Ioffe and Szegedy 2015, algorithm 1), over all axes but the last.
 * Mean and (biased) variance come back for the running ones; no gradient passes through them.
 * @param x [..., c] @param scale [c] @param shift [c]
 */
export function batchNormTrain<T extends TF.Tensor>(
  x: T,
  scale: TF.Tensor,
  shift: TF.Tensor,
  epsilon: number,
): { y: T; mean: TF.Tensor1D; variance: TF.Tensor1D } {
  const [y, mean, variance] = callComposite(NAME, { x, scale, shift }, { epsilon });
  return { y: y as T, mean: mean as TF.Tensor1D, variance: variance as TF.Tensor1D };
}
