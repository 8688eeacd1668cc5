import { convolutionInfo } from '../../shapes/convolution.ts';
import { NCHW } from '../layout.ts';
import { NCHWC } from '../builder.ts';
import type { AttributeValue } from '../../onnx/encode.ts';
import type { Attributes } from '../../ir.ts';
import type { Lowering } from '../lowering.ts';
import { padded, padsOf } from '../portable/convolution.ts';
import { need, result } from '../rule.ts';
import type { LoweringRule, LoweringRules } from '../rule.ts';
import { BLOCKED, blockedVector, padding, readsPlain, roundUp } from './blocks.ts';
import { depthwiseFilter, forwardFilter } from './filters.ts';
import { depthwiseFilterGradient } from './depthwise.ts';
import { filterGradient } from './filter-gradient.ts';
import { inputGradient } from './input-gradient.ts';

const blockOf = ({ options }: Lowering): number => options.block as number;

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
    const image = plain
      ? { name: padded(lowering, lowering.get(x, NCHW), info), pads: [0, 0, 0, 0] }
      : padding(
          g,
          { name: lowering.get(x, BLOCKED), channels: roundUp(channels, block), width: info.inWidth },
          padsOf(info),
          { depthwise, block },
        );
    const operands = [
      image.name,
      depthwise ? depthwiseFilter(lowering, filter) : forwardFilter(lowering, filter, !plain),
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
        pads: image.pads,
        group: depthwise ? roundUp(channels, block) : 1,
        ...activationOf(node.attributes),
      },
      NCHWC,
    );
    lowering.set(result(node), y, BLOCKED);
  };

export const blockedConvolutionRules: LoweringRules = {
  Conv2D: forward(false),
  DepthwiseConv2dNative: forward(true),
  Conv2DBackpropInput: inputGradient(false),
  DepthwiseConv2dNativeBackpropInput: inputGradient(true),
  Conv2DBackpropFilter: filterGradient,
  DepthwiseConv2dNativeBackpropFilter: depthwiseFilterGradient,
};
