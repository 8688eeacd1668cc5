import { sizeOf } from '../../ir.ts';
import type { Value } from '../../ir.ts';
import { MICROSOFT } from '../builder.ts';
import type { GraphBuilder } from '../builder.ts';
import type { Lowering } from '../lowering.ts';
import { identity, roundUp, sumOfRows } from './blocks.ts';

/**
 * Layout of filters that training keeps in blocks: [inputs/b, outputs/b, taps, b, b]. A filter's gradient comes out like
 * that, and whole blocks are all that the forward and the backward convolution need moved.
 */
export const FILTER = 'filter';

/** Shape that a filter HWIO has in the graph when it lies in blocks; undefined where its channels are no whole blocks. */
export function filterShape(shape: readonly number[], block: number | undefined): number[] | undefined {
  const [h = 0, w = 0, i = 0, o = 0] = shape;
  if (block === undefined || shape.length !== 4 || i % block || o % block) return undefined;
  return [i / block, o / block, h * w, block, block];
}

/** From HWIO to blocks. @param to what `filterShape` says */
export function filterToBlocks(g: GraphBuilder, name: string, [ib = 1, ob = 1, taps = 1, b = 1]: number[]): string {
  return g.emit('Transpose', [g.reshape(name, [taps, ib, b, ob, b])], { perm: [1, 3, 0, 2, 4] });
}

/** From blocks to HWIO. */
export function filterFromBlocks(g: GraphBuilder, name: string, shape: readonly number[]): string {
  return g.reshape(g.emit('Transpose', [name], { perm: [2, 0, 3, 1, 4] }), shape);
}

/** One number per output, as an operand beside filters in blocks: broadcast over a few numbers each it would be slow. */
export const perOutput = (g: GraphBuilder, name: string, [, ob = 1, taps = 1, b = 1]: readonly number[]): string =>
  g.emit('Expand', [g.reshape(name, [ob, 1, 1, b]), g.ints([ob, taps, b, b])]);

/** Sums over all of a filter but its outputs: [o]. */
export function sumPerOutput(g: GraphBuilder, name: string, [ib = 1, ob = 1, taps = 1, b = 1]: number[]): string {
  const inputs = sumOfRows(g, name, [ib, ob * taps * b * b]);
  const places = g.reshape(inputs, [ob, taps * b, b]);
  return g.reshape(g.emit('ReduceSum', [places, g.ints([1])], { keepdims: 0 }), [ob * b]);
}

/** Filter HWIO with zeros up to whole blocks, as [taps, i/b, b, o/b, b]; i/b is i, b is 1 where inputs stay unblocked. */
function padded(
  g: GraphBuilder,
  name: string,
  shape: readonly number[],
  block: number,
  inputBlock: number,
): { name: string; dims: number[] } {
  const [h = 1, w = 1, i = 1, o = 1] = shape;
  const inputs = roundUp(i, inputBlock);
  const outputs = roundUp(o, block);
  const whole =
    inputs === i && outputs === o
      ? name
      : g.emit('Pad', [name, g.ints([0, 0, 0, 0, 0, 0, inputs - i, outputs - o]), g.float(0)]);
  const dims = [h * w, inputs / inputBlock, inputBlock, outputs / block, block];
  return { name: g.reshape(whole, dims), dims };
}

/** Filter for the forward convolution. */
export function forwardFilter(lowering: Lowering, filter: Value, blockedInput: boolean): string {
  const g = lowering.graph;
  const block = lowering.options.block as number;
  const [h = 1, w = 1] = filter.shape;
  if (blockedInput && lowering.isHeld(filter, FILTER)) {
    const [ib = 1, ob = 1] = filterShape(filter.shape, block) as number[];
    const blocks = g.emit('Transpose', [lowering.get(filter, FILTER)], { perm: [1, 0, 2, 3, 4] });
    return g.reshape(blocks, [ob * block, ib * block, h, w]);
  }
  const { name, dims } = padded(g, lowering.get(filter), filter.shape, block, blockedInput ? block : 1);
  const [, ib = 1, bi = 1, ob = 1, bo = 1] = dims;
  return g.reshape(g.emit('Transpose', [name], { perm: [3, 1, 0, 2, 4] }), [ob * bo, ib * bi, h, w]);
}

/** Which taps of a filter are used, in the order they are used in. */
export interface Taps {
  readonly rows: readonly number[];
  readonly columns: readonly number[];
}

/** Numbers of the taps of a filter that is so wide. */
export const tapsAt = ({ rows, columns }: Taps, width: number): number[] =>
  rows.flatMap((row) => columns.map((column) => row * width + column));

/** Nothing to pick where all taps are used as they lie. */
function picked(g: GraphBuilder, name: string, taps: Taps, [h = 1, w = 1]: readonly number[], axis: number) {
  const places = tapsAt(taps, w);
  const all = places.length === h * w && places.every((place, i) => place === i);
  return all ? name : g.emit('Gather', [name, g.ints(places)], { axis });
}

/** Filter for the gradient by the input: inputs and outputs swapped. */
export function backwardFilter(lowering: Lowering, filter: Value, taps: Taps): string {
  const g = lowering.graph;
  const block = lowering.options.block as number;
  const { shape } = filter;
  let blocks: string;
  if (lowering.isHeld(filter, FILTER)) blocks = lowering.get(filter, FILTER);
  else {
    const { name } = padded(g, lowering.get(filter), shape, block, block);
    blocks = g.emit('Transpose', [name], { perm: [1, 3, 0, 2, 4] });
  }
  // A product with the identity transposes small blocks several times faster than Transpose does.
  const transposed = g.emit('FusedMatMul', [blocks, identity(g, block)], { transA: 1 }, MICROSOFT);
  const channels = shape.slice(2).map((count) => roundUp(count, block));
  return g.reshape(picked(g, transposed, taps, shape, 2), [...channels, taps.rows.length, taps.columns.length]);
}

/** Depthwise filter [h, w, c, 1]; for the gradient by the input, the taps that are used. */
export function depthwiseFilter(lowering: Lowering, filter: Value, used?: Taps): string {
  const g = lowering.graph;
  const block = lowering.options.block as number;
  const [h = 1, w = 1, c = 1] = filter.shape;
  const channels = roundUp(c, block);
  const name = lowering.get(filter);
  const whole = channels === c ? name : g.emit('Pad', [name, g.ints([0, 0, 0, 0, 0, 0, channels - c, 0]), g.float(0)]);
  const taps = g.emit('Transpose', [g.reshape(whole, [h * w, channels / block, block])], { perm: [1, 0, 2] });
  if (!used) return g.reshape(taps, [channels, 1, h, w]);
  return g.reshape(picked(g, taps, used, filter.shape, 1), [channels, 1, used.rows.length, used.columns.length]);
}

/** A filter's numbers from HWIO to blocks (`back`: the other way), outside the graph. @param to what `filterShape` says */
export function moveFilter(data: Float32Array, [ib = 1, ob = 1, taps = 1, b = 1]: readonly number[], back: boolean) {
  const moved = new Float32Array(sizeOf([ib, ob, taps, b, b]));
  for (let i = 0; i < ib; i++)
    for (let tap = 0; tap < taps; tap++)
      for (let inner = 0; inner < b; inner++) {
        const flat: Runs = { at: ((tap * ib + i) * b + inner) * ob * b, apart: b };
        const blocks: Runs = { at: (i * ob * taps + tap) * b * b + inner * b, apart: taps * b * b };
        if (back) copyRuns(data, blocks, moved, flat, ob, b);
        else copyRuns(data, flat, moved, blocks, ob, b);
      }
  return moved;
}

/** Where the first of several runs of numbers begins, and how far it is from one to the next. */
interface Runs {
  readonly at: number;
  readonly apart: number;
}

/** Eight numbers at a time, as a block has 8 or 16: it takes half as long as one by one. */
function copyRuns(from: Float32Array, source: Runs, to: Float32Array, target: Runs, runs: number, length: number) {
  let [f, t] = [source.at, target.at];
  for (let run = 0; run < runs; run++, f += source.apart, t += target.apart)
    for (let k = 0; k < length; k += 8) {
      to[t + k] = from[f + k] as number;
      to[t + k + 1] = from[f + k + 1] as number;
      to[t + k + 2] = from[f + k + 2] as number;
      to[t + k + 3] = from[f + k + 3] as number;
      to[t + k + 4] = from[f + k + 4] as number;
      to[t + k + 5] = from[f + k + 5] as number;
      to[t + k + 6] = from[f + k + 6] as number;
      to[t + k + 7] = from[f + k + 7] as number;
    }
}
