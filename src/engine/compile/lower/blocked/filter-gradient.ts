import { convolutionInfo } from '../../shapes/convolution.ts';
import { sizeOf } from '../../ir.ts';
import type { Value } from '../../ir.ts';
import { MICROSOFT, NCHWC } from '../builder.ts';
import type { GraphBuilder } from '../builder.ts';
import { NCHW, rowMajor } from '../layout.ts';
import type { Lowering } from '../lowering.ts';
import { padsOf } from '../portable/convolution.ts';
import type { ConvolutionInfo } from '../portable/convolution.ts';
import { need, result } from '../rule.ts';
import type { LoweringRule } from '../rule.ts';
import { BLOCKED, everyNth, identity, readsPlain, roundUp, split, sumOfFirst, surrounded } from './blocks.ts';
import { FILTER, filterShape } from './filters.ts';

/** Planes up to this many places are joined over images: a product over few places is slow. */
const LARGEST_JOINED_PLANE = 144;
/** Places that are summed over in one convolution: as many as the fastest cache holds for a few blocks of channels. */
const PLACES_AT_ONCE = 1152;

/** Planes of fewer places are joined over images before they meet in a pointwise filter's gradient. */
const SMALLEST_ALONE = 144;
/** Places that are then summed over at most. */
const JOINED_PLACES = 2304;

/** Gradient by the filter of a convolution that is not depthwise. */
export const filterGradient: LoweringRule = (lowering, node, inputs) => {
  const x = need(inputs, 'x');
  const dy = need(inputs, 'dy');
  const shape = node.attributes['filterShape'] as number[];
  const info = convolutionInfo(x.shape, shape, node.attributes);
  const pointwise = info.filterHeight === 1 && info.filterWidth === 1;
  const plain = readsPlain(info.inChannels, lowering.options.block as number);
  const gradient = result(node);
  if (pointwise && !plain && padsOf(info).every((zeros) => zeros === 0))
    return byPlaces(lowering, { x, dy, gradient }, info);
  const plane = info.outHeight * info.outWidth;
  const joins = info.strideHeight === 1 || plane >= LARGEST_JOINED_PLANE;
  if (pointwise || !joins) lowering.set(gradient, lowering.graph.reshape(byTaps(lowering, x, dy, info), shape));
  else byCorrelation(lowering, { x, dy, gradient }, info);
};

interface Operands {
  readonly x: Value;
  readonly dy: Value;
  readonly gradient: Value;
}

/**
 * Pointwise: a grouped convolution, a group for each image (or for several with small planes, joined). Its image has
 * a row for each block of channels of the one, `block` times as wide as the plane has places; its filters are the
 * channels of the other. So both are used as they lie. [groups, filters/b, rows, b, b] is summed over groups.
 */
function byPlaces(lowering: Lowering, { x, dy, gradient }: Operands, info: ConvolutionInfo): void {
  const g = lowering.graph;
  const block = lowering.options.block as number;
  const { batchSize: images, inChannels, outChannels, strideHeight, strideWidth } = info;
  const [ib, ob] = [roundUp(inChannels, block) / block, roundUp(outChannels, block) / block];
  const plane = info.outHeight * info.outWidth;
  const together = joinedImages(images, plane, block);
  const groups = images / together;
  const places = together * plane;
  const sides = {
    x: { name: everyNth(g, lowering.get(x, BLOCKED), ib * block, [strideHeight, strideWidth]), blocks: ib },
    dy: { name: lowering.get(dy, BLOCKED), blocks: ob },
  };
  // Rows are read once per set of filters, so the wider one had better be the filter, where that costs no more to undo.
  const swapped = together === 1 && ib > ob;
  const [rows, filters] = swapped ? [sides.dy, sides.x] : [sides.x, sides.dy];
  const lying = ({ name, blocks }: typeof rows): string =>
    together === 1
      ? name
      : g.emit('Transpose', [g.reshape(name, [groups, together, blocks, plane * block])], { perm: [0, 2, 1, 3] });
  const pairs = g.emit(
    'Conv',
    [
      g.reshape(lying(rows), [1, groups, rows.blocks, places * block]),
      g.reshape(lying(filters), [groups * filters.blocks * block, 1, 1, places]),
    ],
    { kernel_shape: [1, places], strides: [1, 1], dilations: [1, block], pads: [0, 0, 0, 0], group: groups },
    NCHWC,
  );
  const whole = [filters.blocks, rows.blocks, block, block];
  const sum = g.reshape(sumOfFirst(g, pairs, [groups, sizeOf(whole)]), whole);
  // [inputs/b, outputs/b, b, b]
  const blocks = swapped
    ? g.emit('FusedMatMul', [sum, identity(g, block)], { transA: 1 }, MICROSOFT)
    : g.emit('Transpose', [sum], { perm: [1, 0, 2, 3] });
  const inBlocks = filterShape(gradient.shape, block);
  if (inBlocks) return lowering.set(gradient, g.reshape(blocks, inBlocks), FILTER);
  const plainly = g.reshape(g.emit('Transpose', [blocks], { perm: [0, 2, 1, 3] }), [1, 1, ib * block, ob * block]);
  const ends = g.ints([inChannels, outChannels]);
  lowering.set(gradient, g.emit('Slice', [plainly, g.ints([0, 0]), ends, g.ints([2, 3])]));
}

/**
 * How many images make a group: few groups of small planes, as each writes a sum for every pair of channels. ONNX
 * Runtime takes fewer groups than a block has channels, or a multiple of it.
 */
function joinedImages(images: number, plane: number, block: number): number {
  const possible = Array.from({ length: images }, (_, i) => i + 1).filter((together) => {
    const groups = images / together;
    return Number.isInteger(groups) && (groups < block || groups % block === 0);
  });
  if (plane >= SMALLEST_ALONE) return possible[0] as number;
  return possible.findLast((together) => together * plane <= JOINED_PLACES) ?? (possible[0] as number);
}

/**
 * A convolution of x with dy as its filter. The rows of a block of channels of x are read as one channel, `block`
 * times as wide, so every channel in it meets every channel of dy, and the result lies as
 * [inputs/b, outputs/b, height, width, b, b], which is how filters lie in blocks. Images are added up from convolution to convolution; those with small
 * planes first lie between each other, row by row, and are summed over in one.
 */
function byCorrelation(lowering: Lowering, { x, dy, gradient }: Operands, info: ConvolutionInfo): void {
  const g = lowering.graph;
  const block = lowering.options.block as number;
  const [images = 1, height = 1, width = 1, channels = 1] = x.shape;
  const filters = dy.shape[3] as number;
  const plain = readsPlain(channels, block);
  const inner = plain ? channels : block;
  const inputs = plain ? 1 : roundUp(channels, block) / block;
  const outputs = roundUp(filters, block) / block;
  const [top = 0, left = 0, bottom = 0, right = 0] = padsOf(info);
  const wide = width + left + right;
  const image = lowering.get(x, plain ? rowMajor(4) : BLOCKED);
  const columns = plain
    ? g.emit('Pad', [
        g.reshape(image, [images, height, width * inner]),
        g.ints([0, 0, left * inner, 0, 0, right * inner]),
        g.float(0),
      ])
    : surrounded(g, image, inputs * block, [0, left, 0, right]);
  const { outHeight, outWidth, strideHeight, strideWidth } = info;
  const together = strideHeight === 1 ? imagesTogether(images, outHeight * outWidth) : 1;
  const parts = images / together;
  const seen = between(g, columns, [parts, together, inputs, height, wide * inner]);
  const errors = between(g, lowering.get(dy, BLOCKED), [parts, together, outputs, outHeight, outWidth * block]);
  const slices = split(g, g.reshape(seen, [parts * inputs, 1, height * together, wide * inner]), parts);
  const filtersOf = split(g, g.reshape(errors, [parts * outputs * block, 1, outHeight * together, outWidth]), parts);
  const attributes = {
    kernel_shape: [outHeight * together, outWidth],
    strides: [together, 1],
    dilations: [strideHeight, strideWidth * inner],
    pads: [top * together, 0, bottom * together, 0],
    group: 1,
  };
  let sum: string | undefined;
  slices.forEach((slice, i) => {
    const operands = [slice, filtersOf[i] as string];
    sum = g.emit('Conv', sum === undefined ? operands : [...operands, '', sum], attributes, NCHWC);
  });
  const seenRows = height + top + bottom - (outHeight - 1) * strideHeight;
  const seenColumns = wide - (outWidth - 1) * strideWidth;
  const { filterHeight, filterWidth } = info;
  let taps = g.reshape(sum as string, [inputs, outputs, seenRows, seenColumns, inner, block]);
  if (seenRows !== filterHeight || seenColumns !== filterWidth)
    taps = g.emit('Slice', [taps, g.ints([0, 0]), g.ints([filterHeight, filterWidth]), g.ints([2, 3])]);
  const inBlocks = filterShape(gradient.shape, block);
  if (inBlocks && !plain) return lowering.set(gradient, g.reshape(taps, inBlocks), FILTER);
  const arranged = g.reshape(g.emit('Transpose', [taps], { perm: [2, 3, 0, 4, 1, 5] }), [
    filterHeight,
    filterWidth,
    inputs * inner,
    outputs * block,
  ]);
  const whole = inputs * inner === channels && outputs * block === filters;
  const ends = g.ints([channels, filters]);
  const name = whole ? arranged : g.emit('Slice', [arranged, g.ints([0, 0]), ends, g.ints([2, 3])]);
  lowering.set(gradient, name);
}

/** The most images that divide the batch and make no more places than are summed over at once. */
function imagesTogether(images: number, plane: number): number {
  let together = 1;
  while (images % (2 * together) === 0 && 2 * together * plane <= PLACES_AT_ONCE) together *= 2;
  return together;
}

/** [parts, together, channels, rows, row] to [parts, channels, rows, together, row]. */
function between(g: GraphBuilder, name: string, dims: readonly number[]): string {
  if (dims[1] === 1) return name;
  return g.emit('Transpose', [g.reshape(name, dims)], { perm: [0, 2, 3, 1, 4] });
}

/** Per tap: small planes of all images as one product with channels last, large planes as one product per image. */
function byTaps(lowering: Lowering, x: Value, dy: Value, info: ConvolutionInfo): string {
  const g = lowering.graph;
  const [images = 1, , , channels = 1] = x.shape;
  const filters = dy.shape[3] as number;
  const plane = info.outHeight * info.outWidth;
  const planar = plane > LARGEST_JOINED_PLANE;
  const layout = planar ? NCHW : rowMajor(4);
  const axis = planar ? 2 : 1;
  const whole = info.filterHeight === 1 && info.filterWidth === 1 && info.strideHeight === 1;
  const image = lowering.get(x, layout);
  const seen = whole ? [image] : taps(lowering, paddedRows(lowering, image, info, axis), info, axis);
  const errors = lowering.get(dy, layout);
  const parts = seen.map((tap) => {
    if (!planar)
      return g.emit(
        'FusedMatMul',
        [g.reshape(tap, [images * plane, channels]), g.reshape(errors, [images * plane, filters])],
        { transA: 1 },
        MICROSOFT,
      );
    const products = g.emit(
      'FusedMatMul',
      [g.reshape(tap, [images, channels, plane]), g.reshape(errors, [images, filters, plane])],
      { transB: 1 },
      MICROSOFT,
    );
    return g.emit('ReduceSum', [products, g.ints([0])], { keepdims: 0 });
  });
  return parts.length > 1 ? g.emit('Concat', parts, { axis: 0 }) : (parts[0] as string);
}

const paddedRows = (lowering: Lowering, image: string, info: ConvolutionInfo, axis: number): string => {
  const [top = 0, left = 0, bottom = 0, right = 0] = padsOf(info);
  if (!(top || left || bottom || right)) return image;
  const side = (a: number, b: number) => (axis === 1 ? [0, a, b, 0] : [0, 0, a, b]);
  return lowering.graph.emit('Pad', [
    image,
    lowering.graph.ints([...side(top, left), ...side(bottom, right)]),
    lowering.graph.float(0),
  ]);
};

function taps(lowering: Lowering, image: string, info: ConvolutionInfo, axis: number): string[] {
  const g = lowering.graph;
  const found: string[] = [];
  for (let i = 0; i < info.filterHeight; i++)
    for (let j = 0; j < info.filterWidth; j++) {
      const rows = i + (info.outHeight - 1) * info.strideHeight + 1;
      const columns = j + (info.outWidth - 1) * info.strideWidth + 1;
      found.push(
        g.emit('Slice', [
          image,
          g.ints([i, j]),
          g.ints([rows, columns]),
          g.ints([axis, axis + 1]),
          g.ints([info.strideHeight, info.strideWidth]),
        ]),
      );
    }
  return found;
}
