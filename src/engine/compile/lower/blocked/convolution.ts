import { convolutionInfo } from '../../shapes/convolution.ts';
import { NCHW, rowMajor } from '../layout.ts';
import { MICROSOFT, NCHWC } from '../builder.ts';
import type { AttributeValue } from '../../onnx/encode.ts';
import type { Attributes } from '../../ir.ts';
import type { Lowering } from '../lowering.ts';
import { padsOf } from '../portable/convolution.ts';
import type { ConvolutionInfo } from '../portable/convolution.ts';
import { need, result } from '../rule.ts';
import type { LoweringRule, LoweringRules } from '../rule.ts';
import {
  backwardFilter,
  BLOCKED,
  blockedShape,
  blockedVector,
  cropped,
  depthwiseFilter,
  forwardFilter,
  roundUp,
  spread,
} from './blocks.ts';
import { depthwiseFilterGradient } from './depthwise.ts';

/** Planes up to this many places are joined over images: a product over few places is slow. */
const LARGEST_JOINED_PLANE = 144;

const blockOf = ({ options }: Lowering): number => options.block as number;

/** Below this, an image stays unblocked and its channels are read one by one (the stem). */
const readsPlain = (channels: number, block: number): boolean => channels < block;

function activationOf(attributes: Attributes): Record<string, AttributeValue> {
  if (attributes['activation'] === 'Relu') return { activation: 'Relu' };
  if (attributes['activation'] === 'Relu6') return { activation: 'Clip', activation_params: { floats: [0, 6] } };
  return {};
}

const forward =
  (depthwise: boolean): LoweringRule =>
  (lowering, node, inputs) => {
    const g = lowering.graph;
    const block = blockOf(lowering);
    const x = need(inputs, 'x');
    const filter = need(inputs, 'filter');
    const info = convolutionInfo(x.shape, filter.shape, node.attributes, depthwise);
    const [channels = 1, outputs = 1] = [x.shape[3], result(node).shape[3]];
    const plain = !depthwise && readsPlain(channels, block);
    const weights = { name: lowering.get(filter), shape: filter.shape };
    const operands = [
      lowering.get(x, plain ? NCHW : BLOCKED),
      depthwise ? depthwiseFilter(g, weights, block, false) : forwardFilter(g, weights, block, !plain),
    ];
    const { bias, residual } = inputs;
    if (bias) operands.push(blockedVector(g, g.reshape(lowering.get(bias), [outputs]), outputs, block));
    if (residual) operands.push(...(bias ? [] : ['']), lowering.get(residual, BLOCKED));
    const y = g.emit(
      'Conv',
      operands,
      {
        kernel_shape: [info.filterHeight, info.filterWidth],
        strides: [info.strideHeight, info.strideWidth],
        dilations: [info.dilationHeight, info.dilationWidth],
        pads: padsOf(info),
        group: depthwise ? roundUp(channels, block) : 1,
        ...activationOf(node.attributes),
      },
      NCHWC,
    );
    lowering.set(result(node), y, BLOCKED);
  };

/** A stride-1 convolution of dy, spread by the stride, with the turned filter. */
const inputGradient =
  (depthwise: boolean): LoweringRule =>
  (lowering, node, inputs) => {
    const g = lowering.graph;
    const block = blockOf(lowering);
    const dy = need(inputs, 'dy');
    const filter = need(inputs, 'filter');
    const shape = node.attributes['inputShape'] as number[];
    const info = convolutionInfo(shape, filter.shape, node.attributes, depthwise);
    const { filterHeight: kh, filterWidth: kw, strideHeight: stride, padInfo: p } = info;
    const weights = { name: lowering.get(filter), shape: filter.shape };
    const [top, left] = [kh - 1 - p.top, kw - 1 - p.left];
    const bottom = info.inHeight - info.outHeight * stride - top + kh - 1;
    const right = info.inWidth - info.outWidth * stride - left + kw - 1;
    const errors = blockedShape(dy.shape, block);
    const wide = spread(g, lowering.get(dy, BLOCKED), errors, block, stride);
    const [images = 1, blocked = 1] = errors;
    const full = [images, blocked, info.outHeight * stride, info.outWidth * stride];
    const dx = g.emit(
      'Conv',
      [
        cropped(g, wide, full, block, Math.max(0, -bottom), Math.max(0, -right)),
        depthwise ? depthwiseFilter(g, weights, block, true) : backwardFilter(g, weights, block),
      ],
      {
        kernel_shape: [kh, kw],
        strides: [1, 1],
        dilations: [1, 1],
        pads: [top, left, Math.max(0, bottom), Math.max(0, right)],
        group: depthwise ? roundUp(shape[3] as number, block) : 1,
      },
      NCHWC,
    );
    lowering.set(result(node), dx, BLOCKED);
  };

const paddedRows = (lowering: Lowering, image: string, info: ConvolutionInfo, axis: number): string => {
  const [top = 0, left = 0, bottom = 0, right = 0] = padsOf(info);
  if (!(top || left || bottom || right)) return image;
  const side = (a: number, b: number) => (axis === 1 ? [0, a, b, 0] : [0, 0, a, b]);
  return lowering.graph.emit('Pad', [
    image,
    lowering.graph.ints([...side(top, left), ...side(bottom, right)]),
    lowering.graph.float(0),
  ]);
};

function taps(lowering: Lowering, image: string, info: ConvolutionInfo, axis: number): string[] {
  const g = lowering.graph;
  const found: string[] = [];
  for (let i = 0; i < info.filterHeight; i++)
    for (let j = 0; j < info.filterWidth; j++) {
      const rows = i + (info.outHeight - 1) * info.strideHeight + 1;
      const columns = j + (info.outWidth - 1) * info.strideWidth + 1;
      found.push(
        g.emit('Slice', [
          image,
          g.ints([i, j]),
          g.ints([rows, columns]),
          g.ints([axis, axis + 1]),
          g.ints([info.strideHeight, info.strideWidth]),
        ]),
      );
    }
  return found;
}

/**
 * Few channels (the stem): all taps side by side in one product per image. Else per tap: small planes of all images as
 * one product with channels last, large planes as one product per image with channels first.
 */
const filterGradient: LoweringRule = (lowering, node, inputs) => {
  const g = lowering.graph;
  const x = need(inputs, 'x');
  const dy = need(inputs, 'dy');
  const shape = node.attributes['filterShape'] as [number, number, number, number];
  const [height, width, channels, filters] = shape;
  const info = convolutionInfo(x.shape, shape, node.attributes);
  const images = x.shape[0] as number;
  const plane = info.outHeight * info.outWidth;
  if (readsPlain(channels, blockOf(lowering))) {
    const image = paddedRows(lowering, lowering.get(x, NCHW), info, 2);
    const columns = g.reshape(g.emit('Concat', taps(lowering, image, info, 2), { axis: 1 }), [
      images,
      height * width * channels,
      plane,
    ]);
    const products = g.emit('MatMul', [columns, g.reshape(lowering.get(dy), [images, plane, filters])]);
    return lowering.set(result(node), g.reshape(g.emit('ReduceSum', [products, g.ints([0])], { keepdims: 0 }), shape));
  }
  const planar = plane > LARGEST_JOINED_PLANE;
  const layout = planar ? NCHW : rowMajor(4);
  const axis = planar ? 2 : 1;
  const whole = height === 1 && width === 1 && info.strideHeight === 1;
  const image = lowering.get(x, layout);
  const seen = whole ? [image] : taps(lowering, paddedRows(lowering, image, info, axis), info, axis);
  const errors = lowering.get(dy, layout);
  const parts = seen.map((tap) => {
    if (!planar)
      return g.emit(
        'FusedMatMul',
        [g.reshape(tap, [images * plane, channels]), g.reshape(errors, [images * plane, filters])],
        { transA: 1 },
        MICROSOFT,
      );
    const products = g.emit(
      'FusedMatMul',
      [g.reshape(tap, [images, channels, plane]), g.reshape(errors, [images, filters, plane])],
      { transB: 1 },
      MICROSOFT,
    );
    return g.emit('ReduceSum', [products, g.ints([0])], { keepdims: 0 });
  });
  const joined = parts.length > 1 ? g.emit('Concat', parts, { axis: 0 }) : (parts[0] as string);
  lowering.set(result(node), g.reshape(joined, shape));
};

export const blockedConvolutionRules: LoweringRules = {
  Conv2D: forward(false),
  DepthwiseConv2dNative: forward(true),
  Conv2DBackpropInput: inputGradient(false),
  DepthwiseConv2dNativeBackpropInput: inputGradient(true),
  Conv2DBackpropFilter: filterGradient,
  DepthwiseConv2dNativeBackpropFilter: depthwiseFilterGradient,
};
