import { tf } from '../../tf.ts';
import type { Attributes } from '../ir.ts';
import { each, float, input } from './types.ts';
import type { ShapeRules } from './types.ts';

type Shape4 = [number, number, number, number];

/** Geometry of a (depthwise) convolution of an NHWC image; `same` padding resolved. */
export function convolutionInfo(
  image: readonly number[],
  filter: readonly number[],
  attributes: Attributes,
  depthwise = false,
): tf.backend_util.Conv2DInfo {
  const format = attributes['dataFormat'] as string | undefined;
  if (format && format !== 'NHWC') throw new Error(`convolution in ${format}: only NHWC is lowered`);
  return tf.backend_util.computeConv2DInfo(
    [...image] as Shape4,
    [...filter] as Shape4,
    attributes['strides'] as number | [number, number],
    (attributes['dilations'] as number | [number, number] | undefined) ?? 1,
    attributes['pad'] as 'same' | 'valid' | number,
    attributes['dimRoundingMode'] as 'floor' | undefined,
    depthwise,
  );
}

export function poolInfo(image: readonly number[], attributes: Attributes): tf.backend_util.Conv2DInfo {
  return tf.backend_util.computePool2DInfo(
    [...image] as Shape4,
    attributes['filterSize'] as number | [number, number],
    attributes['strides'] as number | [number, number],
    (attributes['dilations'] as number | [number, number] | undefined) ?? 1,
    attributes['pad'] as 'same' | 'valid' | number,
    attributes['dimRoundingMode'] as 'floor' | undefined,
  );
}

export const convolutionShapes: ShapeRules = {
  Conv2D: (inputs, attributes) =>
    float(convolutionInfo(input(inputs, 'x').shape, input(inputs, 'filter').shape, attributes).outShape),
  DepthwiseConv2dNative: (inputs, attributes) =>
    float(convolutionInfo(input(inputs, 'x').shape, input(inputs, 'filter').shape, attributes, true).outShape),
  ...each(['Conv2DBackpropInput', 'DepthwiseConv2dNativeBackpropInput'], (_, attributes) =>
    float(attributes['inputShape'] as number[]),
  ),
  ...each(['Conv2DBackpropFilter', 'DepthwiseConv2dNativeBackpropFilter'], (_, attributes) =>
    float(attributes['filterShape'] as number[]),
  ),
  ...each(['MaxPool', 'AvgPool'], (inputs, attributes) =>
    float(poolInfo(input(inputs, 'x').shape, attributes).outShape),
  ),
  ...each(['MaxPoolGrad', 'AvgPoolGrad'], (inputs) => float(input(inputs, 'input').shape)),
  ...each(['ResizeBilinear', 'ResizeNearestNeighbor'], (inputs, attributes) => {
    const [n, , , c] = input(inputs, 'images').shape as Shape4;
    return float([n, ...(attributes['size'] as [number, number]), c]);
  }),
  ResizeBilinearGrad: (inputs) => float(input(inputs, 'images').shape),
};
