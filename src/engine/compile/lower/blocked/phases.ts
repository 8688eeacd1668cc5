import { NCHWC } from '../builder.ts';
import type { GraphBuilder } from '../builder.ts';
import type { Lowering } from '../lowering.ts';
import { padsOf } from '../portable/convolution.ts';
import type { ConvolutionInfo } from '../portable/convolution.ts';
import { cropped, roundUp } from './blocks.ts';

/** Taps along one axis that see the same places of a stride, and the places they see: `first + stride · m`, m < count. */
interface PhaseOfAxis {
  readonly taps: readonly number[];
  readonly first: number;
  readonly count: number;
}

export interface Phase {
  /** What the taps see, without gaps. */
  readonly seen: { readonly name: string; readonly height: number; readonly width: number };
  readonly rows: readonly number[];
  readonly columns: readonly number[];
}

/** The image of a strided convolution, in blocks, taken apart into the places that the same taps see. */
export function phasesOf(lowering: Lowering, image: string, info: ConvolutionInfo): Phase[] {
  const g = lowering.graph;
  const { inHeight, inWidth, outHeight, outWidth, filterHeight, filterWidth, strideHeight, strideWidth } = info;
  const shape = [info.batchSize, roundUp(info.inChannels, lowering.options.block as number), inHeight, inWidth];
  const [top, left] = padsOf(info);
  const down = along({ stride: strideHeight, taps: filterHeight, before: top, out: outHeight });
  const across = along({ stride: strideWidth, taps: filterWidth, before: left, out: outWidth });
  return down.flatMap((rows) =>
    across.map((columns) => ({
      seen: {
        name: everyNth(g, image, shape, [rows, columns], [strideHeight, strideWidth], lowering.options.block as number),
        height: rows.count,
        width: columns.count,
      },
      rows: rows.taps,
      columns: columns.taps,
    })),
  );
}

/** Taps of a filter, in the order of a phase's rows and columns. */
export const placesOfPhase = (rows: readonly number[], columns: readonly number[], width: number): number[] =>
  rows.flatMap((row) => columns.map((column) => row * width + column));

function along(axis: { stride: number; taps: number; before: number; out: number }): PhaseOfAxis[] {
  const { stride, before, out } = axis;
  const all = Array.from({ length: axis.taps }, (_, tap) => tap);
  return Array.from({ length: stride }, (_, at) => all.filter((tap) => tap % stride === at))
    .filter((taps) => taps.length > 0)
    .map((taps) => ({ taps, first: (taps[0] as number) - before, count: out + taps.length - 1 }));
}

/**
 * Every `stride`-th place from the first of each phase on, zeros where there is none: a convolution with a filter that
 * is 1 at its last tap.
 */
function everyNth(
  g: GraphBuilder,
  name: string,
  [n = 1, c = 1, h = 1, w = 1]: readonly number[],
  phases: readonly [PhaseOfAxis, PhaseOfAxis],
  strides: readonly [number, number],
  block: number,
): string {
  const axes = phases.map(({ first, count }, axis) => {
    const kernel = Math.max(0, first) + 1;
    const before = Math.max(0, -first);
    const length = (axis ? w : h) + before;
    const stride = strides[axis] as number;
    const behind = Math.max(0, stride * (count - 1) + kernel - length);
    return { kernel, before, behind, extra: Math.floor((length + behind - kernel) / stride) + 1 - count, count };
  });
  const [rows, columns] = axes as [(typeof axes)[0], (typeof axes)[0]];
  const filter = Float32Array.from(
    { length: rows.kernel * columns.kernel },
    (_, i, all = rows.kernel * columns.kernel) => (i === all - 1 ? 1 : 0),
  );
  const tap = g.constant([1, filter.length, 1], filter, 'float32');
  const filters = g.reshape(g.emit('Expand', [tap, g.ints([c / block, filter.length, block])]), [
    c,
    1,
    rows.kernel,
    columns.kernel,
  ]);
  const attributes = {
    kernel_shape: [rows.kernel, columns.kernel],
    strides: [...strides],
    dilations: [1, 1],
    pads: [rows.before, columns.before, rows.behind, columns.behind],
    group: c,
  };
  const seen = [n, c, rows.count + rows.extra, columns.count + columns.extra];
  return cropped(g, g.emit('Conv', [name, filters], attributes, NCHWC), seen, block, rows.extra, columns.extra);
}
