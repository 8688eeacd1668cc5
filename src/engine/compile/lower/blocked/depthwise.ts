import { convolutionInfo } from '../../shapes/convolution.ts';
import { sizeOf } from '../../ir.ts';
import type { Node, Value } from '../../ir.ts';
import { MICROSOFT, NCHWC } from '../builder.ts';
import { NCHW } from '../layout.ts';
import type { Lowering } from '../lowering.ts';
import type { ConvolutionInfo } from '../portable/convolution.ts';
import { need, result } from '../rule.ts';
import type { LoweringRule } from '../rule.ts';
import { BLOCKED, identity, roundUp, sumOfFirst, surrounded } from './blocks.ts';

/** Up to this many pairs of places in a plane, all pairs are multiplied. */
const MOST_PAIRS = 144 * 144;

/** Gradient by a depthwise filter. */
export const depthwiseFilterGradient: LoweringRule = (lowering, node, inputs) => {
  const x = need(inputs, 'x');
  const dy = need(inputs, 'dy');
  const shape = node.attributes['filterShape'] as number[];
  const info = convolutionInfo(x.shape, shape, node.attributes, true);
  const pairs = info.inHeight * info.inWidth * info.outHeight * info.outWidth;
  const taps = pairs <= MOST_PAIRS ? byPairs(lowering, x, dy, info) : byCorrelation(lowering, node, x, dy, info);
  lowering.set(result(node), lowering.graph.reshape(taps, shape));
};

/**
 * Small planes: per channel the products of every place of x with every place of dy, summed over images, then the pairs
 * that a tap brings together are added up. [taps, channels]
 */
function byPairs(lowering: Lowering, x: Value, dy: Value, info: ConvolutionInfo): string {
  const g = lowering.graph;
  const [images = 1, , , channels = 1] = x.shape;
  const from = info.inHeight * info.inWidth;
  const to = info.outHeight * info.outWidth;
  const products = g.emit(
    'FusedMatMul',
    [
      g.reshape(lowering.get(x, NCHW), [images, channels, from]),
      g.reshape(lowering.get(dy, NCHW), [images, channels, to]),
    ],
    { transA: 1, transBatchA: 1, transBatchB: 1 },
    MICROSOFT,
  );
  const taps = info.filterHeight * info.filterWidth;
  const sums = g.emit(
    'FusedMatMul',
    [pairsOfTaps(lowering, info), g.reshape(products, [channels, from * to])],
    { transA: 1, transB: 1 },
    MICROSOFT,
  );
  return g.reshape(sums, [taps, channels]);
}

/** [places of x · places of dy, taps]: 1 where the tap brings the two together. */
function pairsOfTaps(lowering: Lowering, info: ConvolutionInfo): string {
  const { inHeight, inWidth, outHeight, outWidth, filterHeight, filterWidth, strideHeight, strideWidth, padInfo } =
    info;
  const taps = filterHeight * filterWidth;
  const matrix = new Float32Array(inHeight * inWidth * outHeight * outWidth * taps);
  for (let oy = 0; oy < outHeight; oy++)
    for (let ox = 0; ox < outWidth; ox++)
      for (let i = 0; i < filterHeight; i++)
        for (let j = 0; j < filterWidth; j++) {
          const y = oy * strideHeight + i - padInfo.top;
          const x = ox * strideWidth + j - padInfo.left;
          if (y < 0 || x < 0 || y >= inHeight || x >= inWidth) continue;
          matrix[((y * inWidth + x) * outHeight * outWidth + oy * outWidth + ox) * taps + i * filterWidth + j] = 1;
        }
  return lowering.graph.constant([inHeight * inWidth * outHeight * outWidth, taps], matrix, 'float32');
}

/**
 * Large planes: a grouped convolution whose filter is dy. Each group is one block of channels of one image: its rows
 * are read as one channel, `block` times as wide and dilated by as much, so that every channel of x meets every channel
 * of dy in the block; the diagonal is what is wanted. [taps, channels]
 */
function byCorrelation(lowering: Lowering, node: Node, x: Value, dy: Value, info: ConvolutionInfo): string {
  const g = lowering.graph;
  const block = lowering.options.block as number;
  const [images = 1, , , channels = 1] = x.shape;
  const {
    inHeight,
    inWidth,
    outHeight,
    outWidth,
    filterHeight,
    filterWidth,
    strideHeight,
    strideWidth,
    padInfo: p,
  } = info;
  const blocks = roundUp(channels, block) / block;
  const groups = images * blocks;
  const wide = surrounded(g, lowering.get(x, BLOCKED), roundUp(channels, block), [0, p.left, 0, p.right]);
  const width = (inWidth + p.left + p.right) * block;
  const rows = g.reshape(wide, [1, groups, inHeight, width]);
  const errors = g.reshape(lowering.get(dy, BLOCKED), [groups * block, 1, outHeight, outWidth]);
  const attributes = {
    kernel_shape: [outHeight, outWidth],
    strides: [1, 1],
    dilations: [strideHeight, strideWidth * block],
    pads: [p.top, 0, p.bottom, 0],
  };
  // ONNX Runtime takes fewer channels than a block, or whole blocks of them.
  const rest = groups > block ? groups % block : 0;
  const sizes = rest ? [groups - rest, rest] : [groups];
  const cut = (name: string, axis: number, lengths: readonly number[]): readonly string[] =>
    rest ? g.emitMany('Split', [name, g.ints(lengths)], lengths.length, { axis }) : [name];
  const filters = cut(
    errors,
    0,
    sizes.map((size) => size * block),
  );
  const parts = cut(rows, 1, sizes).map((part, i) =>
    g.emit('Conv', [part, filters[i] as string], { ...attributes, group: sizes[i] as number }, NCHWC),
  );
  const correlation = parts.length > 1 ? g.emit('Concat', parts, { axis: 1 }) : (parts[0] as string);
  const seenRows = inHeight + p.top + p.bottom - (outHeight - 1) * strideHeight;
  const seenColumns = inWidth + p.left + p.right - (outWidth - 1) * strideWidth;
  const taps = [images, blocks, seenRows, seenColumns, block, block];
  const sum = sumOfFirst(g, correlation, [images, sizeOf(taps) / images]);
  const diagonal = g.emit(
    'ReduceSum',
    [g.emit('Mul', [g.reshape(sum, [blocks * seenRows * seenColumns, block, block]), identity(g, block)]), g.ints([1])],
    { keepdims: 0 },
  );
  const arranged = g.emit('Transpose', [g.reshape(diagonal, [blocks, seenRows, seenColumns, block])], {
    perm: [1, 2, 0, 3],
  });
  return g.emit('Slice', [
    g.reshape(arranged, [seenRows, seenColumns, blocks * block]),
    g.ints([0, 0, 0]),
    g.ints([filterHeight, filterWidth, channels]),
  ]);
}
