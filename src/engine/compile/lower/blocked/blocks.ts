import { NCHWC } from '../builder.ts';
import type { GraphBuilder } from '../builder.ts';

/**
 * Layout of ONNX Runtime's CPU convolutions: channels in blocks of 8 or 16, innermost. An image [n, h, w, c] lies as
 * [n, c/b, h, w, b] and is named [n, c′, h, w] in the graph, c′ being c rounded up to b.
 */
export const BLOCKED = 'blocked';

export const roundUp = (channels: number, block: number): number => Math.ceil(channels / block) * block;

/** Shape that an NHWC image has in the graph when it lies in blocks. */
export function blockedShape([n, h, w, c]: readonly number[], block: number): number[] {
  return [n as number, roundUp(c as number, block), h as number, w as number];
}

/** Below this, an image stays unblocked and its channels are read one by one (the stem). */
export const readsPlain = (channels: number, block: number): boolean => channels < block;

export function fromBlocks(g: GraphBuilder, name: string, channels: number, channelsLast: boolean): string {
  return g.emit('ReorderOutput', [name], { channels, channels_last: channelsLast ? 1 : 0 }, NCHWC);
}

export function toBlocks(g: GraphBuilder, name: string, channelsLast: boolean): string {
  return g.emit('ReorderInput', [name], { channels_last: channelsLast ? 1 : 0 }, NCHWC);
}

/** A vector of channels, with zeros up to whole blocks. */
export function blockedVector(g: GraphBuilder, name: string, channels: number, block: number): string {
  const missing = roundUp(channels, block) - channels;
  return missing ? g.emit('Pad', [name, g.ints([0, missing]), g.float(0)]) : name;
}

export function identity(g: GraphBuilder, n: number): string {
  const data = Float32Array.from({ length: n * n }, (_, i) => (i % (n + 1) === 0 ? 1 : 0));
  return g.constant([n, n], data, 'float32');
}

/** Sum over the rows of matrices [..., rows, columns]. A product with ones; ReduceSum takes two to three times as long. */
export function sumOfRows(g: GraphBuilder, name: string, dims: readonly number[]): string {
  const rows = dims.at(-2) as number;
  if (rows === 1) return name;
  const ones = g.constant([1, rows], new Float32Array(rows).fill(1), 'float32');
  return g.emit('MatMul', [ones, g.reshape(name, dims)]);
}

/** Puts s − 1 zeros behind every element of the plane: [n, c′, h, w] blocked to [n, c′, h·s, w·s]. */
export function spread(
  g: GraphBuilder,
  name: string,
  [n = 1, c = 1, h = 1, w = 1]: readonly number[],
  block: number,
  stride: number,
): string {
  if (stride === 1) return name;
  const rows = (n * c * h) / block;
  const zeros = (shape: number[]) => g.emit('Expand', [g.float(0), g.ints(shape)]);
  const columns = g.emit('Concat', [g.reshape(name, [rows * w, block]), zeros([rows * w, block * (stride - 1)])], {
    axis: 1,
  });
  const row = w * stride * block;
  const all = g.emit('Concat', [g.reshape(columns, [rows, row]), zeros([rows, row * (stride - 1)])], { axis: 1 });
  return g.reshape(all, [n, c, h * stride, w * stride]);
}

/** Without the last rows and columns of the plane. */
export function cropped(
  g: GraphBuilder,
  name: string,
  [n = 1, c = 1, h = 1, w = 1]: readonly number[],
  block: number,
  rows: number,
  columns: number,
): string {
  if (!rows && !columns) return name;
  return partOfPlane(g, name, [n, c, h, w], block, { top: 0, left: 0, height: h - rows, width: w - columns });
}

export function partOfPlane(
  g: GraphBuilder,
  name: string,
  [n = 1, c = 1, h = 1, w = 1]: readonly number[],
  block: number,
  part: { readonly top: number; readonly left: number; readonly height: number; readonly width: number },
): string {
  const { top, left, height, width } = part;
  const planes = g.reshape(name, [(n * c) / block, h, w * block]);
  const ends = g.ints([top + height, (left + width) * block]);
  const cut = g.emit('Slice', [planes, g.ints([top, left * block]), ends, g.ints([1, 2])]);
  return g.reshape(cut, [n, c, height, width]);
}

/** An image in blocks, [n, c′, h, w]. */
export interface BlockedImage {
  readonly name: string;
  readonly shape: readonly number[];
}

interface Window {
  readonly kernel: readonly [rows: number, columns: number];
  readonly strides: readonly [number, number];
  /** Top, left, bottom, right. */
  readonly pads: readonly [number, number, number, number];
}

/**
 * What the last place of each window holds, zeros outside of the image: a depthwise convolution whose last tap is 1.
 * `Pad` and `Slice` copy on one thread and take at least twice as long.
 * @param sum an image of the result's shape that is added to it
 */
export function lastOfWindows(
  g: GraphBuilder,
  name: string,
  channels: number,
  { kernel, strides, pads }: Window,
  block: number,
  sum?: string,
): string {
  const operands = [name, lastTap(g, channels, kernel, block)];
  const attributes = { kernel_shape: [...kernel], strides: [...strides], dilations: [1, 1], pads: [...pads] };
  return g.emit(
    'Conv',
    sum === undefined ? operands : [...operands, '', sum],
    { ...attributes, group: channels },
    NCHWC,
  );
}

/** A depthwise filter that is 1 at its last tap. */
function lastTap(g: GraphBuilder, channels: number, kernel: Window['kernel'], block: number): string {
  const taps = kernel[0] * kernel[1];
  // Of ones there is nothing to arrange.
  if (taps === 1) return g.emit('Expand', [g.float(1), g.ints([channels, 1, 1, 1])]);
  const last = Float32Array.from({ length: taps }, (_, tap) => Number(tap === taps - 1));
  const all = g.emit('Expand', [g.constant([1, taps, 1], last, 'float32'), g.ints([channels / block, taps, block])]);
  return g.reshape(all, [channels, 1, ...kernel]);
}

/** With zeros around the plane. @param around top, left, bottom, right */
export function surrounded(
  g: GraphBuilder,
  name: string,
  channels: number,
  around: Window['pads'],
  block: number,
): string {
  if (around.every((zeros) => zeros === 0)) return name;
  return lastOfWindows(g, name, channels, { kernel: [1, 1], strides: [1, 1], pads: around }, block);
}

/** From this width on, the few outputs of a dense convolution that reach into ONNX Runtime's own padding cost no more than a wider image. */
const WIDE_PLANE = 24;

/**
 * Image and padding of a convolution. ONNX Runtime computes outputs whose window reaches into padding of its own one by
 * one: at a width of 3 that is two of three. So the columns of narrow planes are written out; depthwise, where an output
 * is a few products, that costs more than it saves at any width.
 */
export function padding(
  g: GraphBuilder,
  image: { readonly name: string; readonly channels: number; readonly width: number },
  [top, left, bottom, right]: Window['pads'],
  { depthwise, block }: { readonly depthwise: boolean; readonly block: number },
): { readonly name: string; readonly pads: number[] } {
  if (depthwise || image.width >= WIDE_PLANE) return { name: image.name, pads: [top, left, bottom, right] };
  return { name: surrounded(g, image.name, image.channels, [0, left, 0, right], block), pads: [top, 0, bottom, 0] };
}

/** Images [n, c′, h, w] whose places lie between each other, row by row of them: [n, c′, h · rows, w · columns]. */
export function interleaved(
  g: GraphBuilder,
  phases: readonly (readonly string[])[],
  [n = 1, c = 1, h = 1, w = 1]: readonly number[],
  block: number,
): string {
  const rows = (n * c * h) / block;
  const lines = phases.map((columns) => {
    const places = columns.map((name) => g.reshape(name, [rows * w, block]));
    return g.reshape(besideEachOther(g, places), [rows, columns.length * w * block]);
  });
  const across = phases[0]?.length ?? 1;
  return g.reshape(besideEachOther(g, lines), [n, c, h * phases.length, w * across]);
}

const besideEachOther = (g: GraphBuilder, parts: readonly string[]): string =>
  parts.length === 1 ? (parts[0] as string) : g.emit('Concat', parts, { axis: 1 });

/** Equal parts along the first axis. */
export const split = (g: GraphBuilder, name: string, parts: number): readonly string[] =>
  parts === 1 ? [name] : g.emitMany('Split', [name], parts, { axis: 0, num_outputs: parts });
