import { poolInfo } from '../../shapes/convolution.ts';
import { elementTypes } from '../../onnx/encode.ts';
import { NCHWC } from '../builder.ts';
import type { GraphBuilder } from '../builder.ts';
import { padsOf } from '../portable/convolution.ts';
import type { ConvolutionInfo } from '../portable/convolution.ts';
import { poolRules } from '../portable/pool.ts';
import { need, result } from '../rule.ts';
import type { LoweringRule, LoweringRules } from '../rule.ts';
import { BLOCKED, cropped, interleaved, roundUp } from './blocks.ts';
import type { BlockedImage } from './blocks.ts';
import { placesOf } from './phases.ts';
import type { Places } from './phases.ts';

interface Pooled {
  /** Largest of each window's part of a row, [n, c′, height, outWidth]. */
  readonly rows: string;
  /** Largest of each window. */
  readonly windows: string;
}

/** Along the rows first, then down the columns: two short windows instead of a square one. */
function pooled(g: GraphBuilder, image: string, info: ConvolutionInfo): Pooled {
  const [top = 0, left = 0, bottom = 0, right = 0] = padsOf(info);
  const rows = g.emit(
    'MaxPool',
    [image],
    { kernel_shape: [1, info.filterWidth], strides: [1, info.strideWidth], pads: [0, left, 0, right] },
    NCHWC,
  );
  const windows = g.emit(
    'MaxPool',
    [rows],
    { kernel_shape: [info.filterHeight, 1], strides: [info.strideHeight, 1], pads: [top, 0, bottom, 0] },
    NCHWC,
  );
  return { rows, windows };
}

const maxPool: LoweringRule = (lowering, node, inputs) => {
  const x = need(inputs, 'x');
  if (!lowering.isHeld(x, BLOCKED)) return poolRules['MaxPool']?.(lowering, node, inputs);
  const { windows } = pooled(lowering.graph, lowering.get(x, BLOCKED), poolInfo(x.shape, node.attributes));
  lowering.set(result(node), windows, BLOCKED);
};

const maxPoolGradient: LoweringRule = (lowering, node, inputs) => {
  const x = need(inputs, 'input');
  if (!lowering.isHeld(x, BLOCKED)) return poolRules['MaxPoolGrad']?.(lowering, node, inputs);
  const g = lowering.graph;
  const block = lowering.options.block as number;
  const info = poolInfo(x.shape, node.attributes);
  const { inHeight, inWidth, outHeight, outWidth } = info;
  const { top, left } = info.padInfo;
  const image = lowering.get(x, BLOCKED);
  const { rows, windows } = pooled(g, image, info);
  const shape = [x.shape[0] as number, roundUp(x.shape[3] as number, block), inHeight, inWidth];
  const dy = lowering.get(need(inputs, 'dy'), BLOCKED);
  const down = { axis: 0, length: inHeight, out: outHeight, kernel: info.filterHeight, stride: info.strideHeight };
  const along = { axis: 1, length: inWidth, out: outWidth, kernel: info.filterWidth, stride: info.strideWidth };
  const ofRows = lineGradient(
    g,
    { x: { name: rows, shape: [...shape.slice(0, 3), outWidth] }, y: windows, dy },
    { ...down, before: top },
    block,
  );
  const dx = lineGradient(g, { x: { name: image, shape }, y: rows, dy: ofRows }, { ...along, before: left }, block);
  lowering.set(result(node), dx, BLOCKED);
};

interface Line {
  /** 0: down the columns, 1: along the rows. */
  readonly axis: number;
  readonly length: number;
  readonly out: number;
  readonly kernel: number;
  readonly stride: number;
  /** Padding before the line. */
  readonly before: number;
}

/**
 * Gradient of the largest of windows along one axis: that of each output goes to the first element of its window that
 * equals it. With windows pooled along rows and then down columns, that is the first in row-major order.
 */
function lineGradient(
  g: GraphBuilder,
  { x, y, dy }: { readonly x: BlockedImage; readonly y: string; readonly dy: string },
  line: Line,
  block: number,
): string {
  const { length, out, kernel, stride, before } = line;
  const of = (image: BlockedImage, places: Places, sum?: string): string => {
    const other = image.shape[3 - line.axis] as number;
    const all = { first: 0, count: other, stride: 1 };
    return placesOf(g, image, line.axis === 0 ? [places, all] : [all, places], block, sum);
  };
  const shapeWith = (count: number): number[] => x.shape.map((size, axis) => (axis === 2 + line.axis ? count : size));
  let rest = dy;
  const shares: BlockedImage[] = [];
  for (let tap = 0; tap < kernel; tap++) {
    let share = rest;
    // What no earlier element got is the last one's.
    if (tap < kernel - 1) {
      const first = tap - before;
      const seen = of(x, { first, count: out, stride });
      const hit = g.emit('Cast', [g.emit('Equal', [seen, y])], { to: elementTypes.float32 });
      share = within(g, g.emit('Mul', [hit, rest]), shapeWith(out), { ...line, first }, block);
      rest = g.emit('Sub', [rest, share]);
    }
    shares.push({ name: share, shape: shapeWith(out) });
  }
  // Elements at the same place of their stride get shares from the same taps.
  const count = Math.ceil(length / stride);
  const phases = Array.from({ length: stride }, (_, phase) => {
    const taps = shares.flatMap((share, tap) => {
      const shift = Math.floor((tap - before) / stride);
      return tap - before - stride * shift === phase ? [{ share, first: -shift }] : [];
    });
    // What lies as it is comes first, so that the others are added to it.
    taps.sort((a, b) => Math.abs(a.first) - Math.abs(b.first));
    const sum = taps.reduce<string | undefined>(
      (added, { share, first }) => of(share, { first, count, stride: 1 }, added),
      undefined,
    );
    return sum ?? g.emit('Expand', [g.float(0), g.ints(shapeWith(count))]);
  });
  const matrix = line.axis === 0 ? phases.map((phase) => [phase]) : [phases];
  const over = count * stride - length;
  const whole = interleaved(g, matrix, shapeWith(count), block);
  return cropped(g, whole, shapeWith(count * stride), block, line.axis === 0 ? over : 0, line.axis === 1 ? over : 0);
}

/** Without what a tap would get at places outside of the image, where it saw zeros. */
function within(
  g: GraphBuilder,
  share: string,
  shape: readonly number[],
  { axis, first, stride, length, out }: Line & { readonly first: number },
  block: number,
): string {
  const isInside = Array.from({ length: out }, (_, o) => first + stride * o >= 0 && first + stride * o < length);
  if (isInside.every(Boolean)) return share;
  const [n = 1, c = 1, h = 1, w = 1] = shape;
  // Whole rows are multiplied at a time, also where all of one is alike.
  const inner = axis === 0 ? w * block : block;
  const mask = Float32Array.from({ length: out * inner }, (_, i) => Number(isInside[Math.floor(i / inner)]));
  const rows = g.reshape(share, [axis === 0 ? (n * c) / block : (n * c * h) / block, out * inner]);
  return g.reshape(g.emit('Mul', [rows, g.constant([out * inner], mask, 'float32')]), shape);
}

export const blockedPoolRules: LoweringRules = { MaxPool: maxPool, MaxPoolGrad: maxPoolGradient };
