import { poolInfo } from '../../shapes/convolution.ts';
import { NCHW } from '../layout.ts';
import { need, result } from '../rule.ts';
import type { LoweringRule, LoweringRules } from '../rule.ts';
import { padded, tap, transposedConvolution, windowAttributes } from './convolution.ts';

const LOWEST = -3.4e38;

/**
 * Each output's gradient goes to the first element of its window that equals the maximum. One mask per tap; the masked
 * gradients are put back by a depthwise transposed convolution with one-hot filters.
 */
const maxPoolGradient: LoweringRule = (lowering, node, inputs) => {
  const g = lowering.graph;
  const x = need(inputs, 'input');
  const [images, , , channels] = x.shape as [number, number, number, number];
  const info = poolInfo(x.shape, node.attributes);
  const { filterHeight, filterWidth, outHeight, outWidth } = info;
  const image = padded(lowering, lowering.get(x, NCHW), info, LOWEST);
  const highest = lowering.get(need(inputs, 'output'), NCHW);
  const dy = lowering.get(need(inputs, 'dy'), NCHW);
  const plane = [images, channels, 1, outHeight, outWidth];
  const parts: string[] = [];
  let open: string | undefined;
  for (let i = 0; i < filterHeight; i++)
    for (let j = 0; j < filterWidth; j++) {
      const equal = g.emit('Equal', [tap(lowering, image, info, i, j), highest]);
      const hit: string = open ? g.emit('And', [equal, open]) : equal;
      const miss = g.emit('Not', [equal]);
      open = open ? g.emit('And', [open, miss]) : miss;
      parts.push(g.reshape(g.emit('Where', [hit, dy, g.float(0)]), plane));
    }
  // ONNX Runtime 1.30 on WebGPU computes a grouped ConvTranspose with one filter and an even number of inputs per
  // group wrongly; an odd number is right.
  if (parts.length % 2 === 0) parts.push(g.emit('Expand', [g.float(0), g.ints(plane)]));
  const taps = filterHeight * filterWidth;
  const filters = new Float32Array(channels * parts.length * taps);
  for (let c = 0; c < channels; c++) for (let k = 0; k < taps; k++) filters[(c * parts.length + k) * taps + k] = 1;
  const stacked = g.reshape(g.emit('Concat', parts, { axis: 2 }), [
    images,
    channels * parts.length,
    outHeight,
    outWidth,
  ]);
  const weights = g.constant([channels * parts.length, 1, filterHeight, filterWidth], filters, 'float32');
  lowering.set(result(node), transposedConvolution(lowering, stacked, weights, info, channels), NCHW);
};

const averagePoolGradient: LoweringRule = (lowering, node, inputs) => {
  const x = need(inputs, 'input');
  const info = poolInfo(x.shape, node.attributes);
  const p = info.padInfo;
  if (p.top || p.left || p.bottom || p.right)
    throw new Error('the gradient of a padded average pool has no lowering: TF.js itself computes it wrongly');
  const channels = x.shape[3] as number;
  const taps = info.filterHeight * info.filterWidth;
  const weights = lowering.graph.constant(
    [channels, 1, info.filterHeight, info.filterWidth],
    new Float32Array(channels * taps).fill(1 / taps),
    'float32',
  );
  const dy = lowering.get(need(inputs, 'dy'), NCHW);
  lowering.set(result(node), transposedConvolution(lowering, dy, weights, info, channels), NCHW);
};

const pool =
  (op: string, attributes: Readonly<Record<string, number>>): LoweringRule =>
  (lowering, node, inputs) => {
    const x = need(inputs, 'x');
    const info = poolInfo(x.shape, node.attributes);
    const y = lowering.graph.emit(op, [lowering.get(x, NCHW)], { ...windowAttributes(info), ...attributes });
    lowering.set(result(node), y, NCHW);
  };

export const poolRules: LoweringRules = {
  MaxPool: pool('MaxPool', {}),
  AvgPool: pool('AveragePool', { count_include_pad: 0 }),
  MaxPoolGrad: maxPoolGradient,
  AvgPoolGrad: averagePoolGradient,
};
