import { bindConvBn, type ConvBn } from '../nn/conv-bn.ts';
import { globalAveragePool } from '../nn/layers.ts';
import { tf } from '../tf.ts';
import { batchNormSpecs, convSpec, depthwiseSpec, narrowed, shortened, type Shrink } from './spec.ts';
import type { Backbone, ParamSpec } from './types.ts';

export interface LiteConfig {
  readonly name: string;
  readonly widthMultiplier: number;
  readonly depthMultiplier: number;
}

/** Stages of EfficientNet-B0 (Tan and Le 2019, table 1): kernel, stride, expansion, channels, blocks. */
const stages = [
  { kernel: 3, stride: 1, expansion: 1, channels: 16, blocks: 1 },
  { kernel: 3, stride: 2, expansion: 6, channels: 24, blocks: 2 },
  { kernel: 5, stride: 2, expansion: 6, channels: 40, blocks: 2 },
  { kernel: 3, stride: 2, expansion: 6, channels: 80, blocks: 3 },
  { kernel: 5, stride: 1, expansion: 6, channels: 112, blocks: 3 },
  { kernel: 5, stride: 2, expansion: 6, channels: 192, blocks: 4 },
  { kernel: 3, stride: 1, expansion: 6, channels: 320, blocks: 1 },
] as const;
const stemChannels = 32;
const headChannels = 1280;
const epsilon = 1e-3;

interface Block {
  readonly name: string;
  readonly kernel: number;
  readonly stride: number;
  readonly inputs: number;
  /** Channels of the depthwise convolution. */
  readonly middle: number;
  readonly outputs: number;
}

/**
 * EfficientNet-Lite (https://github.com/tensorflow/tpu/tree/master/models/official/efficientnet/lite), as timm's
 * `tf_efficientnet_lite*`: inverted residuals, ReLU6, no squeeze-and-excitation, stem and head of fixed width,
 * TensorFlow padding.
 */
export function lite(config: LiteConfig, shrink?: Shrink): Backbone {
  const stem = narrowed(stemChannels, shrink);
  const blocks = blocksOf(config, stem, shrink);
  const last = blocks.at(-1)?.outputs ?? stem;
  const features = narrowed(headChannels, shrink);
  return {
    name: config.name,
    family: 'lite',
    features,
    params: [
      convSpec('conv_stem', 3, 3, stem),
      ...batchNormSpecs('bn1', stem),
      ...blocks.flatMap(blockSpecs),
      convSpec('conv_head', 1, last, features),
      ...batchNormSpecs('bn2', features),
    ],
    preprocessing: { mean: [127 / 255, 127 / 255, 127 / 255], std: [128 / 255, 128 / 255, 128 / 255] },
    forward(params, images, statistics) {
      const { convBn, updates } = bindConvBn({ params, statistics, epsilon });
      let x = tf.relu6(convBn(images, 'conv_stem', 'bn1', { stride: 2 }));
      for (const block of blocks) x = blockForward(x, block, convBn);
      x = tf.relu6(convBn(x, 'conv_head', 'bn2'));
      return { features: globalAveragePool(x), map: x, updates };
    },
  };
}

function blocksOf(config: LiteConfig, stem: number, shrink: Shrink | undefined): Block[] {
  const blocks: Block[] = [];
  let inputs = stem;
  stages.forEach(({ kernel, stride, expansion, channels, blocks: count }, stage) => {
    const outputs = narrowed(roundChannels(channels * config.widthMultiplier), shrink);
    // The first and last stage keep their one block in every variant.
    const deepened = stage === 0 || stage === stages.length - 1 ? count : Math.ceil(count * config.depthMultiplier);
    for (let i = 0; i < shortened(deepened, shrink); i++) {
      const name = `blocks.${stage}.${i}`;
      blocks.push({ name, kernel, stride: i === 0 ? stride : 1, inputs, middle: inputs * expansion, outputs });
      inputs = outputs;
    }
  });
  return blocks;
}

/** To a multiple of 8, never more than a tenth below. */
function roundChannels(channels: number): number {
  const rounded = Math.max(8, Math.floor((channels + 4) / 8) * 8);
  return rounded < 0.9 * channels ? rounded + 8 : rounded;
}

/** Without expansion a block is depthwise and pointwise; with it, pointwise in front as well. */
const expands = ({ inputs, middle }: Block): boolean => inputs !== middle;

function blockSpecs(block: Block): ParamSpec[] {
  const { name, kernel, inputs, middle, outputs } = block;
  const depthwise = depthwiseSpec(`${name}.conv_dw`, kernel, middle);
  if (!expands(block)) {
    return [
      depthwise,
      ...batchNormSpecs(`${name}.bn1`, middle),
      convSpec(`${name}.conv_pw`, 1, middle, outputs),
      ...batchNormSpecs(`${name}.bn2`, outputs),
    ];
  }
  return [
    convSpec(`${name}.conv_pw`, 1, inputs, middle),
    ...batchNormSpecs(`${name}.bn1`, middle),
    depthwise,
    ...batchNormSpecs(`${name}.bn2`, middle),
    convSpec(`${name}.conv_pwl`, 1, middle, outputs),
    ...batchNormSpecs(`${name}.bn3`, outputs),
  ];
}

function blockForward(x: tf.Tensor4D, block: Block, convBn: ConvBn): tf.Tensor4D {
  const { name, stride } = block;
  const part = (suffix: string): string => `${name}.${suffix}`;
  let y = x;
  if (expands(block)) {
    y = tf.relu6(convBn(y, part('conv_pw'), part('bn1')));
    y = tf.relu6(convBn(y, part('conv_dw'), part('bn2'), { stride, depthwise: true }));
    y = convBn(y, part('conv_pwl'), part('bn3'));
  } else {
    y = tf.relu6(convBn(y, part('conv_dw'), part('bn1'), { stride, depthwise: true }));
    y = convBn(y, part('conv_pw'), part('bn2'));
  }
  return stride === 1 && block.inputs === block.outputs ? tf.add(x, y) : y;
}
