import { convolutionInfo } from '../../shapes/convolution.ts';
import { NCHWC } from '../builder.ts';
import { padsOf } from '../portable/convolution.ts';
import { need, result } from '../rule.ts';
import type { LoweringRule } from '../rule.ts';
import { BLOCKED, roundUp, sumOfRows } from './blocks.ts';

/**
 * Gradient by a depthwise filter: a depthwise convolution of x with dy as its filter, each channel of each image being a
 * channel of one image; summed over images.
 */
export const depthwiseFilterGradient: LoweringRule = (lowering, node, inputs) => {
  const g = lowering.graph;
  const block = lowering.options.block as number;
  const x = need(inputs, 'x');
  const dy = need(inputs, 'dy');
  const shape = node.attributes['filterShape'] as number[];
  const info = convolutionInfo(x.shape, shape, node.attributes, true);
  const { batchSize: images, inHeight, inWidth, outHeight, outWidth, strideHeight, strideWidth } = info;
  const channels = roundUp(info.inChannels, block);
  const all = images * channels;
  const pads = padsOf(info);
  const correlation = g.emit(
    'Conv',
    [
      g.reshape(lowering.get(x, BLOCKED), [1, all, inHeight, inWidth]),
      g.reshape(lowering.get(dy, BLOCKED), [all, 1, outHeight, outWidth]),
    ],
    {
      kernel_shape: [outHeight, outWidth],
      strides: [1, 1],
      dilations: [strideHeight, strideWidth],
      pads,
      group: all,
    },
    NCHWC,
  );
  const [top, left, bottom, right] = pads;
  // Where strides leave rows or columns over, more taps come out than the filter has.
  const rows = inHeight + top + bottom - (outHeight - 1) * strideHeight;
  const columns = inWidth + left + right - (outWidth - 1) * strideWidth;
  const sum = sumOfRows(g, correlation, [images, channels * rows * columns]);
  const taps = g.emit('Transpose', [g.reshape(sum, [channels / block, rows, columns, block])], { perm: [1, 2, 0, 3] });
  const own = g.emit('Slice', [
    g.reshape(taps, [rows, columns, channels]),
    g.ints([0, 0, 0]),
    g.ints([info.filterHeight, info.filterWidth, info.inChannels]),
  ]);
  lowering.set(result(node), g.reshape(own, shape));
};
