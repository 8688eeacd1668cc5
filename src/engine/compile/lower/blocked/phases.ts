import type { GraphBuilder } from '../builder.ts';
import type { Lowering } from '../lowering.ts';
import { padsOf } from '../portable/convolution.ts';
import type { ConvolutionInfo } from '../portable/convolution.ts';
import { cropped, lastOfWindows, roundUp } from './blocks.ts';
import type { BlockedImage } from './blocks.ts';
import type { Taps } from './filters.ts';

/** Taps along one axis that see the same places of a stride, and those places. */
interface PhaseOfAxis {
  readonly taps: readonly number[];
  readonly places: Places;
}

export interface Phase {
  /** What the taps see, without gaps. */
  readonly seen: { readonly name: string; readonly height: number; readonly width: number };
  readonly taps: Taps;
}

/** The image of a strided convolution, in blocks, taken apart into the places that the same taps see. */
export function phasesOf(lowering: Lowering, name: string, info: ConvolutionInfo): Phase[] {
  const block = lowering.options.block as number;
  const { inHeight, inWidth, outHeight, outWidth, filterHeight, filterWidth, strideHeight, strideWidth } = info;
  const image = { name, shape: [info.batchSize, roundUp(info.inChannels, block), inHeight, inWidth] };
  const [top, left] = padsOf(info);
  const down = phasesOfAxis({ stride: strideHeight, taps: filterHeight, before: top, out: outHeight });
  const along = phasesOfAxis({ stride: strideWidth, taps: filterWidth, before: left, out: outWidth });
  return down.flatMap((rows) =>
    along.map((columns) => ({
      seen: {
        name: placesOf(lowering.graph, image, [rows.places, columns.places], block),
        height: rows.places.count,
        width: columns.places.count,
      },
      taps: { rows: rows.taps, columns: columns.taps },
    })),
  );
}

function phasesOfAxis(axis: { stride: number; taps: number; before: number; out: number }): PhaseOfAxis[] {
  const { stride, before, out } = axis;
  const all = Array.from({ length: axis.taps }, (_, tap) => tap);
  return Array.from({ length: stride }, (_, at) => all.filter((tap) => tap % stride === at))
    .filter((taps) => taps.length > 0)
    .map((taps) => ({
      taps,
      places: { first: (taps[0] as number) - before, count: out + taps.length - 1, stride },
    }));
}

/** Places of one axis: `first + stride · m`, m < count; `first` may be negative, and places may lie behind the end. */
export interface Places {
  readonly first: number;
  readonly count: number;
  readonly stride: number;
}

/**
 * An image of these places of another, zeros where there are none.
 * @param sum an image of that shape that is added to it
 */
export function placesOf(
  g: GraphBuilder,
  { name, shape: [n = 1, c = 1, h = 1, w = 1] }: BlockedImage,
  [down, along]: readonly [Places, Places],
  block: number,
  sum?: string,
): string {
  if (isAll(down, h) && isAll(along, w)) return sum === undefined ? name : g.emit('Add', [name, sum]);
  const [rows, columns] = [windowOf(down, h), windowOf(along, w)];
  const window = {
    kernel: [rows.kernel, columns.kernel],
    strides: [down.stride, along.stride],
    pads: [rows.before, columns.before, rows.behind, columns.behind],
  } as const;
  if (!rows.over && !columns.over) return lastOfWindows(g, name, c, window, block, sum);
  const shape = [n, c, down.count + rows.over, along.count + columns.over];
  const own = cropped(g, lastOfWindows(g, name, c, window, block), shape, block, rows.over, columns.over);
  return sum === undefined ? own : g.emit('Add', [own, sum]);
}

const isAll = ({ first, count, stride }: Places, length: number): boolean =>
  first === 0 && stride === 1 && count === length;

/** `over`: places that the convolution finds behind the last one. */
function windowOf({ first, count, stride }: Places, length: number) {
  const kernel = Math.max(0, first) + 1;
  const before = Math.max(0, -first);
  const behind = Math.max(0, stride * (count - 1) + kernel - length - before);
  return { kernel, before, behind, over: Math.floor((length + before + behind - kernel) / stride) + 1 - count };
}
