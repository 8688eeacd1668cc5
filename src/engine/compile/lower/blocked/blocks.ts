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

/**
 * With columns of zeros beside the plane. ONNX Runtime computes the outputs whose window reaches into padding of its
 * own one by one: at a width of 3 that is two of three.
 */
export function withColumns(
  g: GraphBuilder,
  name: string,
  [n = 1, c = 1, h = 1, w = 1]: readonly number[],
  block: number,
  left: number,
  right: number,
): string {
  if (!left && !right) return name;
  const rows = g.reshape(name, [((n * c) / block) * h, w * block]);
  const wide = g.emit('Pad', [rows, g.ints([0, left * block, 0, right * block]), g.float(0)]);
  return g.reshape(wide, [n, c, h, w + left + right]);
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
    return g.reshape(g.emit('Concat', places, { axis: 1 }), [rows, columns.length * w * block]);
  });
  const across = phases[0]?.length ?? 1;
  return g.reshape(g.emit('Concat', lines, { axis: 1 }), [n, c, h * phases.length, w * across]);
}

/** Equal parts along the first axis. */
export const split = (g: GraphBuilder, name: string, parts: number): readonly string[] =>
  parts === 1 ? [name] : g.emitMany('Split', [name], parts, { axis: 0, num_outputs: parts });
