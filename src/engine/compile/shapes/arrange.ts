import { tf } from '../../tf.ts';
import type { DType } from '../../nn/types.ts';
import { each, input, spec } from './types.ts';
import type { ShapeRules, SpecMap } from './types.ts';

const first = (inputs: SpecMap) => {
  const found = Object.values(inputs)[0];
  if (!found) throw new Error('kernel without inputs');
  return found;
};
const wrap = (axis: number, rank: number): number => (axis < 0 ? axis + rank : axis);

/** Kernels that only move or copy elements. */
export const arrangeShapes: ShapeRules = {
  Reshape: (inputs, attributes) => {
    const x = input(inputs, 'x');
    return spec(
      tf.util.inferFromImplicitShape(attributes['shape'] as number[], tf.util.sizeFromShape([...x.shape])),
      x.dtype,
    );
  },
  ExpandDims: (inputs, attributes) => {
    const x = input(inputs, 'input');
    const axis = wrap(attributes['dim'] as number, x.shape.length + 1);
    return spec([...x.shape.slice(0, axis), 1, ...x.shape.slice(axis)], x.dtype);
  },
  Transpose: (inputs, attributes) => {
    const x = input(inputs, 'x');
    return spec(
      (attributes['perm'] as number[]).map((p) => x.shape[p] as number),
      x.dtype,
    );
  },
  Slice: (inputs, attributes) => {
    const x = input(inputs, 'x');
    const [, size] = sliceBounds(x.shape, attributes);
    return spec(size, x.dtype);
  },
  StridedSlice: (inputs, attributes) => {
    const x = input(inputs, 'x');
    return spec(stridedSliceInfo(x.shape, attributes).finalShape, x.dtype);
  },
  Concat: (inputs, attributes) => {
    const all = Object.values(inputs);
    const axis = wrap(attributes['axis'] as number, first(inputs).shape.length);
    const total = all.reduce((sum, x) => sum + (x.shape[axis] as number), 0);
    return spec(
      first(inputs).shape.map((d, i) => (i === axis ? total : d)),
      first(inputs).dtype,
    );
  },
  Pack: (inputs, attributes) => {
    const x = first(inputs);
    const axis = wrap(attributes['axis'] as number, x.shape.length + 1);
    return spec([...x.shape.slice(0, axis), Object.keys(inputs).length, ...x.shape.slice(axis)], x.dtype);
  },
  Unpack: (inputs, attributes) => {
    const x = input(inputs, 'value');
    const axis = wrap(attributes['axis'] as number, x.shape.length);
    const rest = x.shape.filter((_, i) => i !== axis);
    return Array.from({ length: x.shape[axis] as number }, () => spec(rest, x.dtype));
  },
  SplitV: (inputs, attributes) => {
    const x = input(inputs, 'x');
    const axis = wrap(attributes['axis'] as number, x.shape.length);
    const asked = attributes['numOrSizeSplits'] as number | number[];
    const total = x.shape[axis] as number;
    const sizes = typeof asked === 'number' ? Array.from({ length: asked }, () => total / asked) : [...asked];
    const open = sizes.indexOf(-1);
    if (open >= 0) sizes[open] = total - sizes.reduce((a, b) => a + (b < 0 ? 0 : b), 0);
    return sizes.map((size) =>
      spec(
        x.shape.map((d, i) => (i === axis ? size : d)),
        x.dtype,
      ),
    );
  },
  ...each(['PadV2', 'MirrorPad'], (inputs, attributes) => {
    const x = input(inputs, 'x');
    return spec(
      (attributes['paddings'] as [number, number][]).map(([l, r], i) => l + (x.shape[i] as number) + r),
      x.dtype,
    );
  }),
  Tile: (inputs, attributes) => {
    const x = input(inputs, 'x');
    return spec(
      x.shape.map((d, i) => d * ((attributes['reps'] as number[])[i] as number)),
      x.dtype,
    );
  },
  BroadcastTo: (inputs, attributes) => spec(attributes['shape'] as number[], input(inputs, 'x').dtype),
  GatherV2: (inputs, attributes) => {
    const x = input(inputs, 'x');
    const axis = wrap(attributes['axis'] as number, x.shape.length);
    const batch = (attributes['batchDims'] as number | undefined) ?? 0;
    return spec(
      [...x.shape.slice(0, axis), ...input(inputs, 'indices').shape.slice(batch), ...x.shape.slice(axis + 1)],
      x.dtype,
    );
  },
  OneHot: (inputs, attributes) =>
    spec(
      [...input(inputs, 'indices').shape, attributes['depth'] as number],
      (attributes['dtype'] as DType | undefined) ?? 'float32',
    ),
  UnsortedSegmentSum: (inputs, attributes) => {
    const x = input(inputs, 'x');
    return spec([attributes['numSegments'] as number, ...x.shape.slice(1)], x.dtype);
  },
  Range: (_, attributes) => {
    const { start, stop, step } = attributes as { start: number; stop: number; step: number };
    return spec(
      [Math.max(0, Math.ceil((stop - start) / step))],
      (attributes['dtype'] as DType | undefined) ?? 'float32',
    );
  },
};

/** Begin and size of a Slice kernel, with -1 resolved. */
export function sliceBounds(
  shape: readonly number[],
  attributes: Readonly<Record<string, unknown>>,
): [number[], number[]] {
  const like = { shape: [...shape] } as unknown as Parameters<typeof tf.slice_util.parseSliceParams>[0];
  const [begin, size] = tf.slice_util.parseSliceParams(
    like,
    attributes['begin'] as number | number[],
    attributes['size'] as number | number[],
  );
  return [begin as number[], size as number[]];
}

export function stridedSliceInfo(shape: readonly number[], attributes: Readonly<Record<string, unknown>>) {
  const a = attributes as {
    begin: number[];
    end: number[];
    strides: number[];
    beginMask: number;
    endMask: number;
    ellipsisMask: number;
    newAxisMask: number;
    shrinkAxisMask: number;
  };
  return tf.slice_util.sliceInfo(
    [...shape],
    a.begin,
    a.end,
    a.strides,
    a.beginMask,
    a.endMask,
    a.ellipsisMask,
    a.newAxisMask,
    a.shrinkAxisMask,
  );
}
