import { swish } from '../nn/composites/swish.ts';
import { bindConvBn, type ConvBn } from '../nn/conv-bn.ts';
import { globalAveragePool, type Padding } from '../nn/layers.ts';
import { squeezeExcite } from '../nn/squeeze-excite.ts';
import type { Tree } from '../nn/types.ts';
import { tf } from '../tf.ts';
import { batchNormSpecs, biasedConvSpecs, convSpec, depthwiseSpec, narrowed, shortened, type Shrink } from './spec.ts';
import type { Backbone, ParamSpec } from './types.ts';

export interface EfficientNetConfig {
  readonly name: string;
  readonly kind: keyof typeof kinds;
  readonly widthMultiplier: number;
  readonly depthMultiplier: number;
  /** Side in pixels the network of this width and depth is made for. */
  readonly side: number;
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
/** The squeezed width of squeeze-and-excitation, as a share of the channels that enter the block. */
const squeeze = 4;
/** Small twins are not squeezed to less; no network of the family is. */
const leastSqueezed = 4;

interface Kind {
  readonly activation: (x: tf.Tensor4D) => tf.Tensor4D;
  readonly squeezes: boolean;
  /** Stem and head keep their width, first and last stage their one block, in every variant. */
  readonly fixedEnds: boolean;
  readonly epsilon: number;
  readonly padding: (kernel: number) => Padding;
  readonly preprocessing: Backbone['preprocessing'];
}

/**
 * `lite`: EfficientNet-Lite (https://github.com/tensorflow/tpu/tree/master/models/official/efficientnet/lite), as timm's
 * `tf_efficientnet_lite*`: ReLU6, no squeeze-and-excitation, TensorFlow padding.
 * `b`: EfficientNet (Tan and Le 2019) as timm's and torchvision's `efficientnet_b*`: swish, squeeze-and-excitation
 * (Hu et al. 2018), PyTorch padding. Without stochastic depth and dropout.
 */
const kinds = {
  lite: {
    activation: (x) => tf.relu6(x),
    squeezes: false,
    fixedEnds: true,
    epsilon: 1e-3,
    padding: () => 'same',
    preprocessing: { mean: [127 / 255, 127 / 255, 127 / 255], std: [128 / 255, 128 / 255, 128 / 255] },
  },
  b: {
    activation: (x) => swish(x),
    squeezes: true,
    fixedEnds: false,
    epsilon: 1e-5,
    padding: (kernel) => (kernel - 1) / 2,
    preprocessing: { mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225] },
  },
} as const satisfies Readonly<Record<string, Kind>>;

interface Block {
  readonly name: string;
  readonly kernel: number;
  readonly stride: number;
  readonly inputs: number;
  /** Channels of the depthwise convolution. */
  readonly middle: number;
  readonly outputs: number;
  /** Channels squeezed to; null without squeeze-and-excitation. */
  readonly squeezed: number | null;
}

/** What a pass over the blocks works with. */
interface Pass {
  readonly kind: Kind;
  readonly params: Tree;
  readonly convBn: ConvBn;
}

/** Inverted residuals (Sandler et al. 2018), scaled in width and depth. */
export function efficientNet(config: EfficientNetConfig, shrink?: Shrink): Backbone {
  const kind: Kind = kinds[config.kind];
  const ends = (channels: number): number =>
    narrowed(kind.fixedEnds ? channels : roundChannels(channels * config.widthMultiplier), shrink);
  const stem = ends(stemChannels);
  const features = ends(headChannels);
  const blocks = blocksOf(config, stem, shrink);
  const last = blocks.at(-1)?.outputs ?? stem;
  return {
    name: config.name,
    family: config.kind === 'lite' ? 'lite' : 'efficientnet',
    norm: 'batch',
    side: config.side,
    sideStep: 1,
    features,
    layers: [['conv_stem', 'bn1'], ...blocks.map(({ name }) => [name]), ['conv_head', 'bn2']],
    params: [
      convSpec('conv_stem', 3, 3, stem),
      ...batchNormSpecs('bn1', stem),
      ...blocks.flatMap(blockSpecs),
      convSpec('conv_head', 1, last, features),
      ...batchNormSpecs('bn2', features),
    ],
    preprocessing: kind.preprocessing,
    forward(params, images, statistics) {
      const { convBn, updates } = bindConvBn({ params, statistics, epsilon: kind.epsilon });
      const pass: Pass = { kind, params, convBn };
      let x = kind.activation(convBn(images, 'conv_stem', 'bn1', { stride: 2, padding: kind.padding(3) }));
      for (const block of blocks) x = blockForward(x, block, pass);
      x = kind.activation(convBn(x, 'conv_head', 'bn2'));
      return { features: globalAveragePool(x), map: x, updates };
    },
  };
}

function blocksOf(config: EfficientNetConfig, stem: number, shrink: Shrink | undefined): Block[] {
  const { fixedEnds, squeezes }: Kind = kinds[config.kind];
  const blocks: Block[] = [];
  let inputs = stem;
  stages.forEach(({ kernel, stride, expansion, channels, blocks: count }, stage) => {
    const outputs = narrowed(roundChannels(channels * config.widthMultiplier), shrink);
    const isEnd = stage === 0 || stage === stages.length - 1;
    const deepened = isEnd && fixedEnds ? count : Math.ceil(count * config.depthMultiplier);
    for (let i = 0; i < shortened(deepened, shrink); i++) {
      blocks.push({
        name: `blocks.${stage}.${i}`,
        kernel,
        stride: i === 0 ? stride : 1,
        inputs,
        middle: inputs * expansion,
        outputs,
        squeezed: squeezes ? Math.max(leastSqueezed, Math.round(inputs / squeeze)) : null,
      });
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
  const { name, kernel, inputs, middle, outputs, squeezed } = block;
  const depthwise = depthwiseSpec(`${name}.conv_dw`, kernel, middle);
  const excitation =
    squeezed === null
      ? []
      : [
          ...biasedConvSpecs(`${name}.se.conv_reduce`, 1, middle, squeezed),
          ...biasedConvSpecs(`${name}.se.conv_expand`, 1, squeezed, middle),
        ];
  if (!expands(block)) {
    return [
      depthwise,
      ...batchNormSpecs(`${name}.bn1`, middle),
      ...excitation,
      convSpec(`${name}.conv_pw`, 1, middle, outputs),
      ...batchNormSpecs(`${name}.bn2`, outputs),
    ];
  }
  return [
    convSpec(`${name}.conv_pw`, 1, inputs, middle),
    ...batchNormSpecs(`${name}.bn1`, middle),
    depthwise,
    ...batchNormSpecs(`${name}.bn2`, middle),
    ...excitation,
    convSpec(`${name}.conv_pwl`, 1, middle, outputs),
    ...batchNormSpecs(`${name}.bn3`, outputs),
  ];
}

function blockForward(x: tf.Tensor4D, block: Block, { kind, params, convBn }: Pass): tf.Tensor4D {
  const { name, stride, kernel } = block;
  const part = (suffix: string): string => `${name}.${suffix}`;
  const window = { stride, padding: kind.padding(kernel), depthwise: true };
  const depthwise = (y: tf.Tensor4D, norm: string): tf.Tensor4D => {
    const active = kind.activation(convBn(y, part('conv_dw'), part(norm), window));
    return block.squeezed === null ? active : squeezeExcite(active, params, part('se'));
  };
  let y = x;
  if (expands(block)) {
    y = kind.activation(convBn(y, part('conv_pw'), part('bn1')));
    y = convBn(depthwise(y, 'bn2'), part('conv_pwl'), part('bn3'));
  } else {
    y = convBn(depthwise(y, 'bn1'), part('conv_pw'), part('bn2'));
  }
  return stride === 1 && block.inputs === block.outputs ? tf.add(x, y) : y;
}
