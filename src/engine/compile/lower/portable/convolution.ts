import type { tf } from '../../../tf.ts';
import { convolutionInfo } from '../../shapes/convolution.ts';
import type { Attributes } from '../../ir.ts';
import { C1HW, NCHW, OIHW } from '../layout.ts';
import type { Lowering } from '../lowering.ts';
import { need, result } from '../rule.ts';
import type { LoweringRule, LoweringRules } from '../rule.ts';

export type ConvolutionInfo = tf.backend_util.Conv2DInfo;

export const padsOf = ({ padInfo: p }: ConvolutionInfo): [number, number, number, number] => [
  p.top,
  p.left,
  p.bottom,
  p.right,
];

export const windowAttributes = (info: ConvolutionInfo): Record<string, number[]> => ({
  kernel_shape: [info.filterHeight, info.filterWidth],
  strides: [info.strideHeight, info.strideWidth],
  pads: padsOf(info),
});

const dilations = (info: ConvolutionInfo): Record<string, number[]> => ({
  dilations: [info.dilationHeight, info.dilationWidth],
});

function activated(lowering: Lowering, y: string, attributes: Attributes): string {
  const g = lowering.graph;
  if (attributes['activation'] === 'Relu') return g.emit('Relu', [y]);
  return attributes['activation'] === 'Relu6' ? g.emit('Clip', [y, g.float(0), g.float(6)]) : y;
}

const forward =
  (depthwise: boolean): LoweringRule =>
  (lowering, node, inputs) => {
    const x = need(inputs, 'x');
    const filter = need(inputs, 'filter');
    if (depthwise && filter.shape[3] !== 1) throw new Error('depthwise convolution with a multiplier has no lowering');
    const info = convolutionInfo(x.shape, filter.shape, node.attributes, depthwise);
    const bias = inputs['bias'];
    const operands = [lowering.get(x, NCHW), lowering.get(filter, depthwise ? C1HW : OIHW)];
    if (bias) operands.push(lowering.graph.reshape(lowering.get(bias), [result(node).shape[3] as number]));
    const group = depthwise ? (x.shape[3] as number) : 1;
    let y = lowering.graph.emit('Conv', operands, { ...windowAttributes(info), ...dilations(info), group });
    const residual = inputs['residual'];
    if (residual) y = lowering.graph.emit('Add', [y, lowering.get(residual, NCHW)]);
    lowering.set(result(node), activated(lowering, y, node.attributes), NCHW);
  };

/**
 * Gradient by the input of a strided window, as a transposed convolution; output_padding fills what the forward
 * windows never reached.
 */
export function transposedConvolution(
  lowering: Lowering,
  dy: string,
  filter: string,
  info: ConvolutionInfo,
  group: number,
): string {
  const p = info.padInfo;
  const left = [
    (info.inHeight + p.top + p.bottom - info.filterHeight) % info.strideHeight,
    (info.inWidth + p.left + p.right - info.filterWidth) % info.strideWidth,
  ];
  return lowering.graph.emit('ConvTranspose', [dy, filter], { ...windowAttributes(info), group, output_padding: left });
}

function flipped(lowering: Lowering, filter: string): string {
  const g = lowering.graph;
  return g.emit('Slice', [
    filter,
    g.ints([-1, -1]),
    g.ints([-2147483648, -2147483648]),
    g.ints([2, 3]),
    g.ints([-1, -1]),
  ]);
}

/** Stride 1: a convolution of dy with the flipped filter. Else a transposed convolution. */
const inputGradient =
  (depthwise: boolean): LoweringRule =>
  (lowering, node, inputs) => {
    const dy = need(inputs, 'dy');
    const filter = need(inputs, 'filter');
    const inputShape = node.attributes['inputShape'] as number[];
    const info = convolutionInfo(inputShape, filter.shape, node.attributes, depthwise);
    const group = depthwise ? (inputShape[3] as number) : 1;
    const weights = lowering.get(filter, depthwise ? C1HW : OIHW);
    if (info.strideHeight > 1 || info.strideWidth > 1)
      return lowering.set(
        result(node),
        transposedConvolution(lowering, lowering.get(dy, NCHW), weights, info, group),
        NCHW,
      );
    const swapped = depthwise ? weights : lowering.graph.emit('Transpose', [weights], { perm: [1, 0, 2, 3] });
    const turned = info.filterHeight * info.filterWidth > 1 ? flipped(lowering, swapped) : swapped;
    const p = info.padInfo;
    const [h, w] = [info.filterHeight - 1, info.filterWidth - 1];
    const dx = lowering.graph.emit('Conv', [lowering.get(dy, NCHW), turned], {
      kernel_shape: [info.filterHeight, info.filterWidth],
      pads: [h - p.top, w - p.left, h - p.bottom, w - p.right],
      group,
    });
    lowering.set(result(node), dx, NCHW);
  };

/** `x` with its border written out; NCHW. */
export function padded(lowering: Lowering, x: string, info: ConvolutionInfo, fill = 0): string {
  const [top = 0, left = 0, bottom = 0, right = 0] = padsOf(info);
  if (!(top || left || bottom || right)) return x;
  return lowering.graph.emit('Pad', [
    x,
    lowering.graph.ints([0, 0, top, left, 0, 0, bottom, right]),
    lowering.graph.float(fill),
  ]);
}

/** What one tap of the window sees: rows i, i+s, … and columns j, j+s, … of a padded NCHW image. */
export function tap(lowering: Lowering, image: string, info: ConvolutionInfo, i: number, j: number): string {
  const g = lowering.graph;
  const rows = i + (info.outHeight - 1) * info.strideHeight + 1;
  const columns = j + (info.outWidth - 1) * info.strideWidth + 1;
  return g.emit('Slice', [
    image,
    g.ints([i, j]),
    g.ints([rows, columns]),
    g.ints([2, 3]),
    g.ints([info.strideHeight, info.strideWidth]),
  ]);
}

/** Gradient by the filter: per tap, the product of what it saw with dy, summed over images and places. */
const filterGradient: LoweringRule = (lowering, node, inputs) => {
  const g = lowering.graph;
  const x = need(inputs, 'x');
  const dy = need(inputs, 'dy');
  const shape = node.attributes['filterShape'] as [number, number, number, number];
  const [height, width, channels, filters] = shape;
  const info = convolutionInfo(x.shape, shape, node.attributes);
  if (info.dilationHeight > 1 || info.dilationWidth > 1)
    throw new Error('the gradient of a dilated convolution has no lowering');
  const places = (x.shape[0] as number) * info.outHeight * info.outWidth;
  const columns = g.reshape(lowering.get(dy), [places, filters]);
  const whole = height === 1 && width === 1 && info.strideHeight === 1 && info.strideWidth === 1;
  const image = whole ? '' : padded(lowering, lowering.get(x, NCHW), info);
  const parts: string[] = [];
  for (let i = 0; i < height; i++)
    for (let j = 0; j < width; j++) {
      const seen = whole
        ? lowering.get(x)
        : g.emit('Transpose', [tap(lowering, image, info, i, j)], { perm: [0, 2, 3, 1] });
      parts.push(g.emit('Gemm', [g.reshape(seen, [places, channels]), columns], { transA: 1 }));
    }
  lowering.set(
    result(node),
    g.reshape(parts.length > 1 ? g.emit('Concat', parts, { axis: 0 }) : (parts[0] as string), shape),
  );
};

/** Gradient by a depthwise filter: per tap, the elementwise product with dy, summed over images and places. */
const depthwiseFilterGradient: LoweringRule = (lowering, node, inputs) => {
  const g = lowering.graph;
  const x = need(inputs, 'x');
  const shape = node.attributes['filterShape'] as [number, number, number, number];
  const [height, width, channels] = shape;
  const info = convolutionInfo(x.shape, shape, node.attributes, true);
  const dy = lowering.get(need(inputs, 'dy'), NCHW);
  const image = padded(lowering, lowering.get(x, NCHW), info);
  const parts: string[] = [];
  for (let i = 0; i < height; i++)
    for (let j = 0; j < width; j++)
      parts.push(
        g.emit('ReduceSum', [g.emit('Mul', [tap(lowering, image, info, i, j), dy]), g.ints([0, 2, 3])], {
          keepdims: 0,
        }),
      );
  lowering.set(
    result(node),
    g.reshape(parts.length > 1 ? g.emit('Concat', parts, { axis: 0 }) : (parts[0] as string), [
      height,
      width,
      channels,
      1,
    ]),
  );
};

export const convolutionRules: LoweringRules = {
  Conv2D: forward(false),
  DepthwiseConv2dNative: forward(true),
  Conv2DBackpropInput: inputGradient(false),
  DepthwiseConv2dNativeBackpropInput: inputGradient(true),
  Conv2DBackpropFilter: filterGradient,
  DepthwiseConv2dNativeBackpropFilter: depthwiseFilterGradient,
};
