import { tf } from '../../../tf.ts';
import { sizeOf } from '../../ir.ts';
import type { Value } from '../../ir.ts';
import { sliceBounds, stridedSliceInfo } from '../../shapes/arrange.ts';
import { axisIn, inLayout, rowMajor, sameOrder } from '../layout.ts';
import type { Layout } from '../layout.ts';
import type { Lowering } from '../lowering.ts';
import { cast, need, result } from '../rule.ts';
import type { LoweringRule, LoweringRules } from '../rule.ts';

const wrap = (axis: number, rank: number): number => (axis < 0 ? axis + rank : axis);
const counting = (n: number): Int32Array => Int32Array.from({ length: n }, (_, i) => i);

const reshape: LoweringRule = (lowering, node, inputs) => {
  const x = inputs['x'] ?? need(inputs, 'input');
  const out = result(node);
  if (x.shape.join() === out.shape.join()) return lowering.setSame(out, x);
  const splat = lowering.splatOf(x);
  if (splat !== undefined) return lowering.setSplat(out, splat);
  const plain = rowMajor(x.shape.length);
  const layout = lowering.layoutsOf(x).find((held) => sameOrder(x.shape, held, plain)) ?? plain;
  lowering.set(out, lowering.graph.reshape(lowering.get(x, layout), out.shape));
};

/** No element moves: the result is the same tensor in another layout. */
const transpose: LoweringRule = (lowering, node, inputs) => {
  const x = need(inputs, 'x');
  const out = result(node);
  const splat = lowering.splatOf(x);
  if (splat !== undefined) return lowering.setSplat(out, splat);
  const perm = node.attributes['perm'] as number[];
  const layout = lowering.layoutOf(x);
  lowering.set(out, lowering.get(x, layout), [...layout].map((axis) => perm.indexOf(Number(axis))).join(''));
};

const slice: LoweringRule = (lowering, node, inputs) => {
  const x = need(inputs, 'x');
  const out = result(node);
  if (x.shape.join() === out.shape.join()) return lowering.setSame(out, x);
  const splat = lowering.splatOf(x);
  if (splat !== undefined) return lowering.setSplat(out, splat);
  const [begin, size] = sliceBounds(x.shape, node.attributes);
  const layout = lowering.layoutOf(x);
  const cut = x.shape.map((d, i) => i).filter((i) => size[i] !== x.shape[i]);
  const axes = cut.map((i) => axisIn(layout, i));
  const name = lowering.graph.emit('Slice', [
    lowering.get(x, layout),
    lowering.graph.ints(cut.map((i) => begin[i] as number)),
    lowering.graph.ints(cut.map((i) => (begin[i] as number) + (size[i] as number))),
    lowering.graph.ints(axes),
  ]);
  lowering.set(out, name, layout);
};

const stridedSlice: LoweringRule = (lowering, node, inputs) => {
  const x = need(inputs, 'x');
  const info = stridedSliceInfo(x.shape, node.attributes);
  const g = lowering.graph;
  const end = info.end.map((e, i) => ((info.strides[i] as number) < 0 && e < 0 ? -2147483648 : e));
  const axes = info.begin.map((_, i) => i);
  const cut = g.emit('Slice', [lowering.get(x), g.ints(info.begin), g.ints(end), g.ints(axes), g.ints(info.strides)]);
  lowering.set(result(node), g.reshape(cut, result(node).shape));
};

function sharedLayout(lowering: Lowering, values: readonly Value[], rank: number): Layout {
  const plain = rowMajor(rank);
  return values.map((v) => lowering.layoutOf(v)).find((layout) => layout !== plain) ?? plain;
}

const concat: LoweringRule = (lowering, node) => {
  const values = node.inputs.map(([, value]) => value);
  const out = result(node);
  const rank = out.shape.length;
  const layout = sharedLayout(lowering, values, rank);
  const axis = axisIn(layout, wrap(node.attributes['axis'] as number, rank));
  lowering.set(
    out,
    lowering.graph.emit(
      'Concat',
      values.map((v) => lowering.get(v, layout)),
      { axis },
    ),
    layout,
  );
};

const pack: LoweringRule = (lowering, node) => {
  const out = result(node);
  const axis = wrap(node.attributes['axis'] as number, out.shape.length);
  const shape = out.shape.map((d, i) => (i === axis ? 1 : d));
  const parts = node.inputs.map(([, value]) => lowering.graph.reshape(lowering.get(value), shape));
  lowering.set(out, lowering.graph.emit('Concat', parts, { axis }));
};

const unpack: LoweringRule = (lowering, node, inputs) => {
  const x = need(inputs, 'value');
  const axis = wrap(node.attributes['axis'] as number, x.shape.length);
  node.outputs.forEach((out, i) => {
    const at = lowering.graph.constant([], BigInt64Array.of(BigInt(i)), 'int64');
    lowering.set(out, lowering.graph.emit('Gather', [lowering.get(x), at], { axis }));
  });
};

const split: LoweringRule = (lowering, node, inputs) => {
  const x = need(inputs, 'x');
  const axis = wrap(node.attributes['axis'] as number, x.shape.length);
  const layout = lowering.layoutOf(x);
  const sizes = lowering.graph.ints(node.outputs.map((out) => out.shape[axis] as number));
  const names = lowering.graph.emitMany('Split', [lowering.get(x, layout), sizes], node.outputs.length, {
    axis: axisIn(layout, axis),
  });
  node.outputs.forEach((out, i) => lowering.set(out, names[i] as string, layout));
};

const pad =
  (mode: 'constant' | 'reflect'): LoweringRule =>
  (lowering, node, inputs) => {
    const x = need(inputs, 'x');
    if (mode === 'reflect' && node.attributes['mode'] !== 'reflect')
      throw new Error('mirrorPad is lowered in mode reflect only');
    const layout = lowering.layoutOf(x);
    const paddings = inLayout(node.attributes['paddings'] as [number, number][], layout);
    const amounts = lowering.graph.ints([...paddings.map(([before]) => before), ...paddings.map(([, after]) => after)]);
    const fill = lowering.scalar(Number(node.attributes['constantValue'] ?? 0), x.dtype);
    const operands = [lowering.get(x, layout), amounts, ...(mode === 'constant' ? [fill] : [])];
    lowering.set(result(node), lowering.graph.emit('Pad', operands, { mode }), layout);
  };

const tile: LoweringRule = (lowering, node, inputs) => {
  const x = need(inputs, 'x');
  const out = result(node);
  const splat = lowering.splatOf(x);
  if (splat !== undefined) return lowering.setSplat(out, splat);
  const reps = node.attributes['reps'] as number[];
  if (reps.every((n, i) => n === 1 || x.shape[i] === 1)) return lowering.setBroadcast(out, x);
  lowering.set(out, lowering.graph.emit('Tile', [lowering.get(x), lowering.graph.ints(reps)]));
};

const broadcastTo: LoweringRule = (lowering, node, inputs) => {
  const x = need(inputs, 'x');
  const splat = lowering.splatOf(x);
  if (splat !== undefined) return lowering.setSplat(result(node), splat);
  lowering.setBroadcast(result(node), x);
};

const gather: LoweringRule = (lowering, node, inputs) => {
  if (node.attributes['batchDims']) throw new Error('gather with batchDims has no lowering');
  const x = need(inputs, 'x');
  const axis = wrap(node.attributes['axis'] as number, x.shape.length);
  lowering.set(
    result(node),
    lowering.graph.emit('Gather', [lowering.get(x), lowering.get(need(inputs, 'indices'))], { axis }),
  );
};

/** As a product with a one-hot matrix: every provider has that, and sums in a fixed order. */
const segmentSum: LoweringRule = (lowering, node, inputs) => {
  const g = lowering.graph;
  const x = need(inputs, 'x');
  const [n = 1] = x.shape;
  const segments = node.attributes['numSegments'] as number;
  const ids = g.reshape(lowering.get(need(inputs, 'segmentIds')), [1, n]);
  const oneHot = cast(
    lowering,
    g.emit('Equal', [ids, g.constant([segments, 1], counting(segments), 'int32')]),
    'float32',
  );
  const product = g.emit('MatMul', [oneHot, g.reshape(lowering.get(x), [n, sizeOf(x.shape) / n])]);
  lowering.set(result(node), g.reshape(product, result(node).shape));
};

const oneHot: LoweringRule = (lowering, node, inputs) => {
  const g = lowering.graph;
  const indices = need(inputs, 'indices');
  const { depth, onValue, offValue } = node.attributes as { depth: number; onValue: number; offValue: number };
  const { dtype } = result(node);
  const column = g.reshape(lowering.get(indices), [...indices.shape, 1]);
  const hit = g.emit('Equal', [column, g.constant([depth], counting(depth), 'int32')]);
  const plain = onValue === 1 && offValue === 0;
  lowering.set(
    result(node),
    plain
      ? cast(lowering, hit, dtype)
      : g.emit('Where', [hit, lowering.scalar(onValue, dtype), lowering.scalar(offValue, dtype)]),
  );
};

const range: LoweringRule = (lowering, node) => {
  const { start, step } = node.attributes as { start: number; step: number };
  const out = result(node);
  const length = out.shape[0] as number;
  const values = Array.from({ length }, (_, i) => start + i * step);
  const data = out.dtype === 'int32' ? Int32Array.from(values) : Float32Array.from(values);
  lowering.set(out, lowering.graph.constant([length], data, out.dtype));
};

function reversed(lowering: Lowering, x: string, axes: readonly number[]): string {
  const g = lowering.graph;
  const all = (value: number) => g.ints(axes.map(() => value));
  return g.emit('Slice', [x, all(-1), all(-2147483648), g.ints(axes), all(-1)]);
}

const reverse =
  (
    axesOf: (attributes: Readonly<Record<string, unknown>>, shape: readonly number[]) => readonly number[],
  ): LoweringRule =>
  (lowering, node, inputs) => {
    const x = inputs['x'] ?? need(inputs, 'image');
    const layout = lowering.layoutOf(x);
    const axes = axesOf(node.attributes, x.shape).map((axis) => axisIn(layout, axis));
    lowering.set(result(node), reversed(lowering, lowering.get(x, layout), axes), layout);
  };

export const arrangeRules: LoweringRules = {
  Reshape: reshape,
  ExpandDims: reshape,
  Transpose: transpose,
  Slice: slice,
  StridedSlice: stridedSlice,
  Concat: concat,
  Pack: pack,
  Unpack: unpack,
  SplitV: split,
  PadV2: pad('constant'),
  MirrorPad: pad('reflect'),
  Tile: tile,
  BroadcastTo: broadcastTo,
  GatherV2: gather,
  UnsortedSegmentSum: segmentSum,
  OneHot: oneHot,
  Range: range,
  Reverse: reverse((attributes, shape) => tf.util.parseAxisParam(attributes['dims'] as number | number[], [...shape])),
  FlipLeftRight: reverse(() => [2]),
};
