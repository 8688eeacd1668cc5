import type { tf as TF } from '../../tf.ts';
import { tf } from '../../tf.ts';
import { callComposite, defineComposite } from '../../compile/composite.ts';
import { NCHW } from '../../compile/lower/layout.ts';
import { BlockedGroups, normalisesInBlocks } from '../../compile/lower/blocked/group-norm.ts';
import { need, result } from '../../compile/lower/rule.ts';
import type { LoweringRule } from '../../compile/lower/rule.ts';

const NAME = 'GroupNorm';
const GRADIENT = 'GroupNormGrad';
const PLANE = [0, 1, 2];

type Image = readonly [n: number, h: number, w: number, c: number];

function grouped(x: TF.Tensor, groups: number): TF.Tensor4D {
  const [n, h, w, c] = x.shape as unknown as Image;
  return tf.reshape(x, [n, h * w, groups, c / groups]);
}

defineComposite({
  name: NAME,
  infer: ({ x }, { groups }) => {
    const shape = x?.shape ?? [];
    const statistics = { shape: [shape[0] ?? 1, 1, groups as number, 1], dtype: 'float32' as const };
    return [{ shape, dtype: 'float32' }, statistics, statistics];
  },
  compose({ x, scale, shift }, { groups, epsilon }) {
    const inGroups = grouped(x as TF.Tensor, groups as number);
    const { mean, variance } = tf.moments(inGroups, [1, 3], true);
    const inverse = tf.rsqrt(tf.add(variance, epsilon as number));
    const unit = tf.reshape(tf.mul(tf.sub(inGroups, mean), inverse), (x as TF.Tensor).shape);
    return [tf.add(tf.mul(unit, scale as TF.Tensor), shift as TF.Tensor), mean, inverse];
  },
  gradient: {
    inputs: ['x', 'scale'],
    outputs: [false, true, true],
    backward: ([dy], [x, scale, mean, inverse], attributes) => {
      const kept = { dy, x, scale, mean, inverse } as Record<string, TF.Tensor>;
      const [dx, dscale, dshift] = callComposite(GRADIENT, kept, attributes) as [TF.Tensor, TF.Tensor, TF.Tensor];
      return { x: dx, scale: dscale, shift: dshift };
    },
  },
  lower(lowering, node, inputs) {
    const g = lowering.graph;
    const x = need(inputs, 'x');
    const { groups, epsilon } = node.attributes as { groups: number; epsilon: number };
    if (normalisesInBlocks(lowering, x)) return lowerInBlocks(lowering, node, inputs);
    const [n, h, w, c] = x.shape as unknown as Image;
    const rows = g.reshape(lowering.get(x, NCHW), [n, groups, (c / groups) * h * w]);
    const axis = g.ints([2]);
    const mean = g.emit('ReduceMean', [rows, axis], { keepdims: 1 });
    const centred = g.emit('Sub', [rows, mean]);
    const variance = g.emit('ReduceMean', [g.emit('Mul', [centred, centred]), axis], { keepdims: 1 });
    const inverse = g.emit('Reciprocal', [g.emit('Sqrt', [g.emit('Add', [variance, g.float(epsilon)])])]);
    const unit = g.reshape(g.emit('Mul', [centred, inverse]), [n, c, h, w]);
    const column = (name: string) => g.reshape(lowering.get(need(inputs, name)), [1, c, 1, 1]);
    lowering.set(result(node), g.emit('Add', [g.emit('Mul', [unit, column('scale')]), column('shift')]), NCHW);
    lowering.set(result(node, 1), g.reshape(mean, [n, 1, groups, 1]));
    lowering.set(result(node, 2), g.reshape(inverse, [n, 1, groups, 1]));
  },
});

defineComposite({
  name: GRADIENT,
  infer: ({ x, scale }) => [
    { shape: x?.shape ?? [], dtype: 'float32' },
    { shape: scale?.shape ?? [], dtype: 'float32' },
    { shape: scale?.shape ?? [], dtype: 'float32' },
  ],
  compose(inputs, { groups }) {
    const { dy, x, scale, mean, inverse } = inputs as Record<'dy' | 'x' | 'scale' | 'mean' | 'inverse', TF.Tensor>;
    const unit = tf.mul(tf.sub(grouped(x, groups as number), mean), inverse);
    const error = grouped(tf.mul(dy, scale), groups as number);
    const along = tf.mean(tf.mul(error, unit), [1, 3], true);
    const dx = tf.mul(inverse, tf.sub(tf.sub(error, tf.mean(error, [1, 3], true)), tf.mul(unit, along)));
    const dscale = tf.sum(tf.mul(dy, tf.reshape(unit, x.shape)), PLANE);
    return [tf.reshape(dx, x.shape), dscale, tf.sum(dy, PLANE)];
  },
  lower(lowering, node, inputs) {
    const g = lowering.graph;
    const x = need(inputs, 'x');
    const { groups } = node.attributes as { groups: number };
    if (normalisesInBlocks(lowering, x)) return lowerGradientInBlocks(lowering, node, inputs);
    const [n, h, w, c] = x.shape as unknown as Image;
    const axis = g.ints([2]);
    const rows = (name: string) => g.reshape(name, [n, groups, -1]);
    const planes = (name: string) => g.reshape(name, [n, c, h, w]);
    const statistic = (name: string) => g.reshape(lowering.get(need(inputs, name)), [n, groups, 1]);
    const dy = lowering.get(need(inputs, 'dy'), NCHW);
    const unit = g.emit('Mul', [g.emit('Sub', [rows(lowering.get(x, NCHW)), statistic('mean')]), statistic('inverse')]);
    const error = rows(g.emit('Mul', [dy, g.reshape(lowering.get(need(inputs, 'scale')), [1, c, 1, 1])]));
    const along = g.emit('ReduceMean', [g.emit('Mul', [error, unit]), axis], { keepdims: 1 });
    const centred = g.emit('Sub', [error, g.emit('ReduceMean', [error, axis], { keepdims: 1 })]);
    const dx = g.emit('Mul', [g.emit('Sub', [centred, g.emit('Mul', [unit, along])]), statistic('inverse')]);
    lowering.set(result(node), planes(dx), NCHW);
    const channels = (name: string) => g.emit('ReduceSum', [name, g.ints([0, 2, 3])], { keepdims: 0 });
    lowering.set(result(node, 1), channels(g.emit('Mul', [dy, planes(unit)])));
    lowering.set(result(node, 2), channels(dy));
  },
});

/** Four passes over the image: its mean, what is left without it, that one's variance, and the result. */
const lowerInBlocks: LoweringRule = (lowering, node, inputs) => {
  const g = lowering.graph;
  const { groups, epsilon } = node.attributes as { groups: number; epsilon: number };
  const x = need(inputs, 'x');
  const blocks = new BlockedGroups(lowering, x, groups);
  const image = blocks.image(x);
  const mean = blocks.mean(blocks.sum(image));
  const centred = blocks.affine(image, g.float(1), g.emit('Neg', [mean]));
  const variance = blocks.mean(blocks.sum(centred, 'ReduceSumSquare'));
  const inverse = g.emit('Reciprocal', [g.emit('Sqrt', [g.emit('Add', [variance, g.float(epsilon)])])]);
  const factor = g.emit('Mul', [inverse, blocks.perChannel(need(inputs, 'scale'))]);
  blocks.place(result(node), blocks.affine(centred, factor, blocks.perChannel(need(inputs, 'shift'))));
  blocks.statistic(result(node, 1), mean);
  blocks.statistic(result(node, 2), inverse);
};

/** dx = a · dy + b · x + c, with a per channel and b and c per group of each image. */
const lowerGradientInBlocks: LoweringRule = (lowering, node, inputs) => {
  const g = lowering.graph;
  const { groups } = node.attributes as { groups: number };
  const x = need(inputs, 'x');
  const blocks = new BlockedGroups(lowering, x, groups);
  const [image, dy] = [blocks.image(x), blocks.image(need(inputs, 'dy'))];
  const [mean, inverse] = [blocks.perGroup(need(inputs, 'mean')), blocks.perGroup(need(inputs, 'inverse'))];
  const scale = blocks.perChannel(need(inputs, 'scale'));
  const total = blocks.sum(dy);
  const centredDot = g.emit('Sub', [blocks.dot(dy, image), g.emit('Mul', [mean, total])]);
  const along = g.emit('Mul', [inverse, centredDot]);
  const a = g.emit('Mul', [inverse, scale]);
  const meanError = blocks.mean(g.emit('Mul', [scale, total]));
  const meanAlong = blocks.mean(g.emit('Mul', [scale, along]));
  const b = g.emit('Neg', [g.emit('Mul', [g.emit('Mul', [inverse, inverse]), meanAlong])]);
  const c = g.emit('Neg', [g.emit('Add', [g.emit('Mul', [inverse, meanError]), g.emit('Mul', [b, mean])])]);
  blocks.place(result(node), blocks.affine(image, b, c, blocks.affine(dy, a)));
  lowering.set(result(node, 1), blocks.overImages(along));
  lowering.set(result(node, 2), blocks.overImages(total));
};

/**
 * Group normalisation (Wu and He 2018, equations 1 to 3): over the image plane and each group of neighbouring channels.
 * @param x [n, h, w, c], `groups` dividing c @param scale [c] @param shift [c]
 */
export function groupNorm(
  x: TF.Tensor4D,
  scale: TF.Tensor,
  shift: TF.Tensor,
  groups: number,
  epsilon: number,
): TF.Tensor4D {
  return callComposite(NAME, { x, scale, shift }, { groups, epsilon })[0] as TF.Tensor4D;
}
