import { convolutionInfo } from '../../shapes/convolution.ts';
import type { Value } from '../../ir.ts';
import { NCHWC } from '../builder.ts';
import type { Lowering } from '../lowering.ts';
import type { ConvolutionInfo } from '../portable/convolution.ts';
import { need, result } from '../rule.ts';
import type { LoweringRule } from '../rule.ts';
import { BLOCKED, cropped, interleaved, padding, roundUp, spread } from './blocks.ts';
import type { BlockedImage } from './blocks.ts';
import { backwardFilter, depthwiseFilter } from './filters.ts';

/** One axis of a stride-1 convolution over dy. */
interface Axis {
  /** Taps of the forward filter, in the order dy meets them. */
  readonly taps: readonly number[];
  /** Zeros before dy and behind it; negative where dy is cut. */
  readonly before: number;
  readonly behind: number;
}

/** Gradient by the input of a convolution. */
export const inputGradient =
  (depthwise: boolean): LoweringRule =>
  (lowering, node, inputs) => {
    const dy = need(inputs, 'dy');
    const filter = need(inputs, 'filter');
    const shape = node.attributes['inputShape'] as number[];
    const info = convolutionInfo(shape, filter.shape, node.attributes, depthwise);
    const block = lowering.options.block as number;
    const { outHeight, outWidth } = info;
    const errors: BlockedImage = {
      name: lowering.get(dy, BLOCKED),
      shape: [info.batchSize, roundUp(info.outChannels, block), outHeight, outWidth],
    };
    const convolve = (image: BlockedImage, axes: readonly [Axis, Axis]): string =>
      convolved(lowering, image, filter, axes, { inputs: roundUp(info.inChannels, block), depthwise });
    lowering.set(result(node), gradient(lowering, errors, info, convolve), BLOCKED);
  };

function gradient(
  lowering: Lowering,
  errors: BlockedImage,
  info: ConvolutionInfo,
  convolve: (image: BlockedImage, axes: readonly [Axis, Axis]) => string,
): string {
  const g = lowering.graph;
  const block = lowering.options.block as number;
  const { strideHeight: stride, inHeight, inWidth, filterHeight: kh, filterWidth: kw, padInfo: p } = info;
  const [n = 1, c = 1, h = 1, w = 1] = errors.shape;
  const wide = [h * stride, w * stride] as const;
  const inputs = roundUp(info.inChannels, block);
  if (inHeight % stride === 0 && inWidth % stride === 0 && kh >= stride && kw >= stride) {
    // Rows and columns at the same place of their stride meet the same taps: a small convolution for each.
    const [rows, columns] = [inHeight / stride, inWidth / stride];
    const each = Array.from({ length: stride }, (_, phase) => phase);
    const down = each.map((phase) => axis(kh, p.top, { stride, phase, length: rows, out: h }));
    const along = each.map((phase) => axis(kw, p.left, { stride, phase, length: columns, out: w }));
    if ([...down, ...along].every(({ before }) => before >= 0)) {
      const phases = down.map((row) => along.map((column) => convolve(errors, [row, column])));
      return stride === 1 ? phases[0]![0]! : interleaved(g, phases, [n, inputs, rows, columns], block);
    }
  }
  if (kh === 1 && kw === 1 && !p.top && !p.left) {
    const point: Axis = { taps: [0], before: 0, behind: 0 };
    const name = spread(g, convolve(errors, [point, point]), [n, inputs, h, w], block, stride);
    return cropped(g, name, [n, inputs, ...wide], block, wide[0] - inHeight, wide[1] - inWidth);
  }
  const name = spread(g, errors.name, errors.shape, block, stride);
  return convolve({ name, shape: [n, c, ...wide] }, [
    axis(kh, p.top, { stride: 1, phase: 0, length: inHeight, out: wide[0] }),
    axis(kw, p.left, { stride: 1, phase: 0, length: inWidth, out: wide[1] }),
  ]);
}

/**
 * dx at `stride · m + phase` is the sum over taps i ≡ phase + padding (mod stride) of
 * w[i] · dy[m + (phase + padding − i) / stride].
 * @param places `length` of this phase, `out` of dy
 */
function axis(
  kernel: number,
  padding: number,
  places: { readonly stride: number; readonly phase: number; readonly length: number; readonly out: number },
): Axis {
  const { stride, phase, length, out } = places;
  const at = phase + padding;
  const taps = Array.from({ length: kernel }, (_, i) => kernel - 1 - i).filter((i) => (at - i) % stride === 0);
  const first = (at - (taps[0] ?? 0)) / stride;
  const last = (at - (taps.at(-1) ?? 0)) / stride;
  return { taps, before: -first, behind: length + last - out };
}

function convolved(
  lowering: Lowering,
  { name, shape: [n = 1, c = 1, h = 1, w = 1] }: BlockedImage,
  filter: Value,
  [rows, columns]: readonly [Axis, Axis],
  { inputs, depthwise }: { readonly inputs: number; readonly depthwise: boolean },
): string {
  const g = lowering.graph;
  const block = lowering.options.block as number;
  const cut = [Math.max(0, -rows.behind), Math.max(0, -columns.behind)] as const;
  const seen = cropped(g, name, [n, c, h, w], block, ...cut);
  const image = padding(
    g,
    { name: seen, channels: c, width: w - cut[1] },
    [rows.before, columns.before, Math.max(0, rows.behind), Math.max(0, columns.behind)],
    { depthwise, block },
  );
  const taps = { rows: rows.taps, columns: columns.taps };
  return g.emit(
    'Conv',
    [image.name, depthwise ? depthwiseFilter(lowering, filter, taps) : backwardFilter(lowering, filter, taps)],
    {
      kernel_shape: [taps.rows.length, taps.columns.length],
      strides: [1, 1],
      dilations: [1, 1],
      pads: image.pads,
      group: depthwise ? inputs : 1,
    },
    NCHWC,
  );
}
