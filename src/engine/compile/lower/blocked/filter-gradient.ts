import { convolutionInfo } from '../../shapes/convolution.ts';
import { sizeOf } from '../../ir.ts';
import type { Value } from '../../ir.ts';
import { MICROSOFT, NCHWC } from '../builder.ts';
import { rowMajor } from '../layout.ts';
import type { AttributeValue } from '../../onnx/encode.ts';
import type { GraphBuilder } from '../builder.ts';
import type { Lowering } from '../lowering.ts';
import { padsOf } from '../portable/convolution.ts';
import type { ConvolutionInfo } from '../portable/convolution.ts';
import { need, result } from '../rule.ts';
import type { LoweringRule } from '../rule.ts';
import { BLOCKED, identity, readsPlain, roundUp, split, sumOfRows, surrounded } from './blocks.ts';
import { FILTER, filterShape, tapsAt } from './filters.ts';
import { phasesOf } from './phases.ts';

/** Places that are summed over in one convolution: as many as the fastest cache holds for a few blocks of channels. */
const PLACES_AT_ONCE = 1152;
/** With one tap, images whose plane has fewer places are joined, as each group writes a sum. */
const SMALLEST_ALONE = 144;
/** Up to how many places. */
const JOINED_PLACES = 2304;

/**
 * Gradient by the filter of a convolution that is not depthwise: a convolution of x with dy as its filter. A row of a
 * block of channels of x is read as one channel, `block` times as wide, so that every channel in it meets every channel
 * of dy.
 */
export const filterGradient: LoweringRule = (lowering, node, inputs) => {
  const g = lowering.graph;
  const block = lowering.options.block as number;
  const [x, dy, gradient] = [need(inputs, 'x'), need(inputs, 'dy'), result(node)];
  const info = convolutionInfo(x.shape, node.attributes['filterShape'] as number[], node.attributes);
  const { inChannels, outChannels, filterHeight, filterWidth } = info;
  const plain = readsPlain(inChannels, block);
  // [inputs/b, outputs/b, taps, b, b], which is how filters lie in blocks.
  const taps = plain ? ofPlainImage(lowering, x, dy, info) : ofBlocks(lowering, x, dy, info);
  const inBlocks = filterShape(gradient.shape, block);
  if (inBlocks && !plain) return lowering.set(gradient, g.reshape(taps, inBlocks), FILTER);
  const inner = plain ? inChannels : block;
  const [inputCount, outputCount] = [roundUp(inChannels, inner), roundUp(outChannels, block)];
  const dims = [inputCount / inner, outputCount / block, filterHeight * filterWidth, inner, block];
  const arranged = g.reshape(g.emit('Transpose', [g.reshape(taps, dims)], { perm: [2, 0, 3, 1, 4] }), [
    filterHeight,
    filterWidth,
    inputCount,
    outputCount,
  ]);
  const whole = inputCount === inChannels && outputCount === outChannels;
  const ends = g.ints([inChannels, outChannels]);
  lowering.set(gradient, whole ? arranged : g.emit('Slice', [arranged, g.ints([0, 0]), ends, g.ints([2, 3])]));
};

/** Taps that see the same places of a stride, together; of all places, in the order of the filter. */
function ofBlocks(lowering: Lowering, x: Value, dy: Value, info: ConvolutionInfo): string {
  const g = lowering.graph;
  const image = lowering.get(x, BLOCKED);
  const errors = lowering.get(dy, BLOCKED);
  if (info.strideHeight === 1 && info.strideWidth === 1) {
    const [top, left, bottom, right] = padsOf(info);
    const block = lowering.options.block as number;
    const seen = {
      name: surrounded(g, image, roundUp(info.inChannels, block), [0, left, 0, right], block),
      height: info.inHeight,
      width: info.inWidth + left + right,
      rows: [top, bottom] as const,
    };
    return correlation(lowering, seen, errors, info);
  }
  const order: number[] = [];
  const parts = phasesOf(lowering, image, info).map(({ seen, taps }) => {
    order.push(...tapsAt(taps, info.filterWidth));
    return correlation(lowering, { ...seen, rows: [0, 0] }, errors, info);
  });
  if (parts.length === 1) return parts[0] as string;
  const back = order.map((_, tap) => order.indexOf(tap));
  return g.emit('Gather', [g.emit('Concat', parts, { axis: 2 }), g.ints(back)], { axis: 2 });
}

/** An image in blocks whose rows and columns are `taps − 1` more than those of dy, once zeros are put around it. */
interface Seen {
  readonly name: string;
  readonly height: number;
  readonly width: number;
  /** Rows of zeros above and below it that are not there yet. */
  readonly rows: readonly [top: number, bottom: number];
}

/** @returns [inputs/b, outputs/b, taps, b, b] */
function correlation(lowering: Lowering, seen: Seen, errors: string, info: ConvolutionInfo): string {
  const g = lowering.graph;
  const block = lowering.options.block as number;
  const { batchSize: images, outHeight, outWidth } = info;
  const [top, bottom] = seen.rows;
  const inputs = roundUp(info.inChannels, block) / block;
  const outputs = roundUp(info.outChannels, block) / block;
  const [down, along] = [seen.height + top + bottom - outHeight + 1, seen.width - outWidth + 1];
  const plane = outHeight * outWidth;
  if (down === 1 && along === 1 && !top && !bottom)
    return ofOneTap(lowering, [seen.name, inputs], [errors, outputs], images, plane);
  const together = divisors(images).findLast((count) => count * plane <= PLACES_AT_ONCE) ?? 1;
  const parts = images / together;
  const image = between(g, seen.name, [parts, together, inputs, seen.height, seen.width * block]);
  const filters = between(g, errors, [parts, together, outputs, outHeight, outWidth * block]);
  const sums = added(
    g,
    split(g, g.reshape(image, [parts * inputs, 1, seen.height * together, seen.width * block]), parts),
    split(g, g.reshape(filters, [parts * outputs * block, 1, outHeight * together, outWidth]), parts),
    {
      kernel_shape: [outHeight * together, outWidth],
      strides: [together, 1],
      dilations: [1, block],
      pads: [top * together, 0, bottom * together, 0],
      group: 1,
    },
  );
  return g.reshape(sums, [inputs, outputs, down * along, block, block]);
}

/** Joined images lie between each other: [parts, together, channels, rows, row] to [parts, channels, rows, together, row]. */
function between(g: GraphBuilder, name: string, dims: readonly number[]): string {
  if (dims[1] === 1) return name;
  return g.emit('Transpose', [g.reshape(name, dims)], { perm: [0, 2, 3, 1, 4] });
}

/** Sum of convolutions, each added to what came before it. */
function added(
  g: GraphBuilder,
  images: readonly string[],
  filters: readonly string[],
  attributes: Readonly<Record<string, AttributeValue>>,
): string {
  return images.reduce((sum, image, i) => {
    const operands = [image, filters[i] as string];
    return g.emit('Conv', sum ? [...operands, '', sum] : operands, attributes, NCHWC);
  }, '');
}

/**
 * With one tap the image has a row for each of its blocks of channels, as wide as its plane has places, so that neither
 * x nor dy is moved.
 * @param x name and blocks of channels, as `dy`
 * @returns [inputs/b, outputs/b, 1, b, b]
 */
function ofOneTap(
  lowering: Lowering,
  x: readonly [name: string, blocks: number],
  dy: readonly [name: string, blocks: number],
  images: number,
  plane: number,
): string {
  const g = lowering.graph;
  const block = lowering.options.block as number;
  const together = imagesOfGroup(images, plane, block);
  const groups = images / together;
  const places = together * plane;
  // Filters are read less often than rows. The other way round is undone by a product for each pair of blocks.
  const swapped = together === 1 && x[1] > dy[1];
  const [[rows, rowBlocks], [filters, filterBlocks]] = swapped ? [dy, x] : [x, dy];
  const joined = (name: string, blocks: number): string =>
    together === 1
      ? name
      : g.emit('Transpose', [g.reshape(name, [groups, together, blocks, plane * block])], { perm: [0, 2, 1, 3] });
  const sums = g.emit(
    'Conv',
    [
      g.reshape(joined(rows, rowBlocks), [1, groups, rowBlocks, places * block]),
      g.reshape(joined(filters, filterBlocks), [groups * filterBlocks * block, 1, 1, places]),
    ],
    { kernel_shape: [1, places], strides: [1, 1], dilations: [1, block], pads: [0, 0, 0, 0], group: groups },
    NCHWC,
  );
  const pairs = [filterBlocks, rowBlocks, block, block];
  const sum = g.reshape(sumOfRows(g, sums, [groups, sizeOf(pairs)]), pairs);
  const blocks = swapped
    ? g.emit('FusedMatMul', [sum, identity(g, block)], { transA: 1 }, MICROSOFT)
    : g.emit('Transpose', [sum], { perm: [1, 0, 2, 3] });
  return g.reshape(blocks, [x[1], dy[1], 1, block, block]);
}

/** A stem: an image with few channels is not in blocks; a row of all of them is one channel. [1, outputs/b, taps, channels, b] */
function ofPlainImage(lowering: Lowering, x: Value, dy: Value, info: ConvolutionInfo): string {
  const g = lowering.graph;
  const block = lowering.options.block as number;
  const { batchSize: images, inHeight, inWidth, inChannels, outHeight, outWidth, strideHeight, strideWidth } = info;
  const outputs = roundUp(info.outChannels, block);
  const [top, left, bottom, right] = padsOf(info);
  const wide = (inWidth + left + right) * inChannels;
  const rows = g.reshape(lowering.get(x, rowMajor(4)), [images, inHeight, inWidth * inChannels]);
  const sides = g.ints([0, 0, left * inChannels, 0, 0, right * inChannels]);
  const columns = left || right ? g.emit('Pad', [rows, sides, g.float(0)]) : rows;
  const groups = images / imagesOfGroup(images, outHeight * outWidth, block);
  const parts = images / groups;
  const seen = split(g, g.reshape(columns, [parts, groups, inHeight, wide]), parts);
  const filters = split(
    g,
    g.reshape(lowering.get(dy, BLOCKED), [parts * groups * outputs, 1, outHeight, outWidth]),
    parts,
  );
  const sums = added(g, seen, filters, {
    kernel_shape: [outHeight, outWidth],
    strides: [1, 1],
    dilations: [strideHeight, strideWidth * inChannels],
    pads: [top, 0, bottom, 0],
    group: groups,
  });
  // Where strides leave rows or columns over, more taps come out than the filter has.
  const down = inHeight + top + bottom - (outHeight - 1) * strideHeight;
  const across = inWidth + left + right - (outWidth - 1) * strideWidth;
  const all = [outputs / block, down, across, inChannels * block];
  const taps = g.reshape(sumOfRows(g, sums, [groups, sizeOf(all)]), all);
  const ends = g.ints([info.filterHeight, info.filterWidth]);
  return g.emit('Slice', [taps, g.ints([0, 0]), ends, g.ints([1, 2])]);
}

/**
 * How many images make a group: one where planes are large enough, else as many as are joined. ONNX Runtime takes fewer
 * groups than a block has channels, or a multiple of it.
 */
function imagesOfGroup(images: number, plane: number, block: number): number {
  const possible = divisors(images).filter((count) => images / count < block || (images / count) % block === 0);
  const joined = possible.findLast((count) => count * plane <= JOINED_PLACES);
  return (plane < SMALLEST_ALONE ? joined : undefined) ?? (possible[0] as number);
}

const divisors = (n: number): number[] => Array.from({ length: n }, (_, i) => i + 1).filter((i) => n % i === 0);
