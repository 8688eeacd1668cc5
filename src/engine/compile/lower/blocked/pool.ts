import { poolInfo } from '../../shapes/convolution.ts';
import { elementTypes } from '../../onnx/encode.ts';
import { NCHWC } from '../builder.ts';
import type { GraphBuilder } from '../builder.ts';
import { padsOf } from '../portable/convolution.ts';
import type { ConvolutionInfo } from '../portable/convolution.ts';
import { poolRules } from '../portable/pool.ts';
import { need, result } from '../rule.ts';
import type { LoweringRule, LoweringRules } from '../rule.ts';
import { BLOCKED, roundUp, split } from './blocks.ts';

const LOWEST = -3.4e38;
/** Bytes of the image whose gradient is made in one go. */
const PART_BYTES = 2 ** 22;

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
  const info = poolInfo(x.shape, node.attributes);
  const { inHeight, inWidth, outHeight, outWidth } = info;
  const [images = 1, , , channels = 1] = x.shape;
  const block = lowering.options.block as number;
  const planes = (images * roundUp(channels, block)) / block;
  const { top, left } = info.padInfo;
  const down = { length: inHeight, out: outHeight, kernel: info.filterHeight, stride: info.strideHeight, before: top };
  const along = { length: inWidth, out: outWidth, kernel: info.filterWidth, stride: info.strideWidth, before: left };
  if (!lowering.isHeld(x, BLOCKED) || after(down) < 0 || after(along) < 0)
    return poolRules['MaxPoolGrad']?.(lowering, node, inputs);
  const g = lowering.graph;
  const width = roundUp(channels, block);
  const image = lowering.get(x, BLOCKED);
  const { rows, windows } = pooled(g, image, info);
  const dy = lowering.get(need(inputs, 'dy'), BLOCKED);
  const parts = partsOf(images, 4 * width * inHeight * inWidth);
  const [xs, ys, zs, errors] = [image, rows, windows, dy].map((name) => split(g, name, parts)) as [
    readonly string[],
    readonly string[],
    readonly string[],
    readonly string[],
  ];
  const gradients = xs.map((part, i) => {
    const [y = '', z = '', error = ''] = [ys[i], zs[i], errors[i]];
    const outer = (planes / parts) * inHeight;
    const byRows = lineGradient(
      g,
      { x: y, y: z, dy: error },
      { ...down, outer: planes / parts, inner: outWidth * block },
    );
    const dx = lineGradient(g, { x: part, y, dy: byRows }, { ...along, outer, inner: block });
    return g.reshape(dx, [images / parts, width, inHeight, inWidth]);
  });
  const whole = parts === 1 ? (gradients[0] as string) : g.emit('Concat', gradients, { axis: 0 });
  lowering.set(result(node), whole, BLOCKED);
};

/** Into how many parts images are cut, so that what is held of each meanwhile is small. */
function partsOf(images: number, bytes: number): number {
  let parts = 1;
  while (images % (2 * parts) === 0 && (images / parts) * bytes > PART_BYTES) parts *= 2;
  return parts;
}

interface Line {
  readonly length: number;
  readonly out: number;
  readonly kernel: number;
  readonly stride: number;
  /** Padding before the line. */
  readonly before: number;
}

/** Strides beyond an output's own that its window reaches. */
const reach = ({ kernel, stride }: Line): number => Math.floor((kernel - 1) / stride);

/** Padding that makes the line whole strides, one for each output and those the last one reaches; negative where it is longer. */
const after = (line: Line): number => line.stride * (line.out + reach(line)) - line.before - line.length;

/**
 * Gradient of the largest along lines [outer, length, inner]: that of each output goes to the first element of its
 * window that equals it. With windows pooled along rows and then down columns, that is the first in row-major order.
 * @returns [outer, length · inner]
 */
function lineGradient(
  g: GraphBuilder,
  { x, y, dy }: { readonly x: string; readonly y: string; readonly dy: string },
  line: Line & { readonly outer: number; readonly inner: number },
): string {
  const { outer, inner, length, out, kernel, stride, before } = line;
  const beyond = reach(line);
  const strides = outer * (out + beyond);
  const flat = (name: string, elements: number): string => g.reshape(name, [outer, elements * inner]);
  const pads = g.ints([0, before * inner, 0, after(line) * inner]);
  const whole = g.emit('Pad', [flat(x, length), pads, g.float(LOWEST)]);
  const phases =
    stride === 1
      ? [whole]
      : g.emitMany('Split', [g.reshape(whole, [strides, stride * inner])], stride, {
          axis: 1,
          num_outputs: stride,
        });
  const largest = flat(y, out);
  let rest = flat(dy, out);
  const found: (string | undefined)[] = Array.from({ length: stride });
  for (let tap = 0; tap < kernel; tap++) {
    const shift = Math.floor(tap / stride);
    let share = rest;
    // What no earlier element got is the last one's.
    if (tap < kernel - 1) {
      const seen = g.emit('Slice', [
        flat(phases[tap % stride] as string, out + beyond),
        g.ints([shift * inner]),
        g.ints([(shift + out) * inner]),
        g.ints([1]),
      ]);
      const hit = g.emit('Cast', [g.emit('Equal', [seen, largest])], { to: elementTypes.float32 });
      share = g.emit('Mul', [hit, rest]);
      rest = g.emit('Sub', [rest, share]);
    }
    const placed = beyond
      ? g.emit('Pad', [share, g.ints([0, shift * inner, 0, (beyond - shift) * inner]), g.float(0)])
      : share;
    const sum = found[tap % stride];
    found[tap % stride] = sum === undefined ? placed : g.emit('Add', [sum, placed]);
  }
  const none = (): string => g.emit('Expand', [g.float(0), g.ints([strides, inner])]);
  const parts = found.map((part) => (part === undefined ? none() : g.reshape(part, [strides, inner])));
  const joined = parts.length > 1 ? g.emit('Concat', parts, { axis: 1 }) : (parts[0] as string);
  return g.emit('Slice', [
    g.reshape(joined, [outer, (out + beyond) * stride * inner]),
    g.ints([before * inner]),
    g.ints([(before + length) * inner]),
    g.ints([1]),
  ]);
}

export const blockedPoolRules: LoweringRules = { MaxPool: maxPool, MaxPoolGrad: maxPoolGradient };
