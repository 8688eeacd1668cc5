import { bindConvBn, type ConvBn } from '../nn/conv-bn.ts';
import { globalAveragePool, stemMaxPool } from '../nn/layers.ts';
import { tf } from '../tf.ts';
import { batchNormSpecs, convSpec, narrowed, shortened, type Shrink } from './spec.ts';
import type { Backbone, ParamSpec } from './types.ts';

export interface ResNetConfig {
  readonly name: string;
  /** Blocks of the four stages. */
  readonly depths: readonly number[];
  /** Bottlenecks (1×1, 3×3, 1×1 to four times the channels) instead of two 3×3 convolutions. */
  readonly bottleneck: boolean;
}

const stemChannels = 64;
const epsilon = 1e-5;

interface Conv {
  readonly kernel: number;
  readonly stride: number;
  readonly inputs: number;
  readonly outputs: number;
}

interface Block {
  readonly name: string;
  /** `conv1` with `bn1`, `conv2` with `bn2`, ... */
  readonly convs: readonly Conv[];
  /** Convolution of the shortcut, where the shape changes. */
  readonly downsample: Conv | undefined;
}

/**
 * ResNet (He et al. 2016, table 1) as timm and torchvision name it: the stride of a bottleneck in its 3×3 convolution,
 * PyTorch padding, batch normalisation after every convolution.
 */
export function resnet(config: ResNetConfig, shrink?: Shrink): Backbone {
  const stem = narrowed(stemChannels, shrink);
  const blocks = blocksOf(config, stem, shrink);
  const features = blocks.at(-1)?.convs.at(-1)?.outputs ?? stem;
  return {
    name: config.name,
    family: 'resnet',
    norm: 'batch',
    side: 224,
    sideStep: 1,
    features,
    layers: [['conv1', 'bn1'], ...blocks.map(({ name }) => [name])],
    params: [convSpec('conv1', 7, 3, stem), ...batchNormSpecs('bn1', stem), ...blocks.flatMap(blockSpecs)],
    preprocessing: { mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225] },
    forward(params, images, statistics) {
      const { convBn, updates } = bindConvBn({ params, statistics, epsilon });
      let x = stemMaxPool(tf.relu(convBn(images, 'conv1', 'bn1', { stride: 2, padding: 3 })));
      for (const block of blocks) x = blockForward(x, block, convBn);
      return { features: globalAveragePool(x), map: x, updates };
    },
  };
}

function blocksOf({ depths, bottleneck }: ResNetConfig, stem: number, shrink: Shrink | undefined): Block[] {
  const blocks: Block[] = [];
  let inputs = stem;
  depths.forEach((depth, stage) => {
    const middle = narrowed(stemChannels * 2 ** stage, shrink);
    const outputs = bottleneck ? 4 * middle : middle;
    for (let i = 0; i < shortened(depth, shrink); i++) {
      const stride = stage > 0 && i === 0 ? 2 : 1;
      const convs: Conv[] = bottleneck
        ? [
            { kernel: 1, stride: 1, inputs, outputs: middle },
            { kernel: 3, stride, inputs: middle, outputs: middle },
            { kernel: 1, stride: 1, inputs: middle, outputs },
          ]
        : [
            { kernel: 3, stride, inputs, outputs },
            { kernel: 3, stride: 1, inputs: outputs, outputs },
          ];
      const downsample = stride > 1 || inputs !== outputs ? { kernel: 1, stride, inputs, outputs } : undefined;
      blocks.push({ name: `layer${stage + 1}.${i}`, convs, downsample });
      inputs = outputs;
    }
  });
  return blocks;
}

function blockSpecs({ name, convs, downsample }: Block): ParamSpec[] {
  const specs = convs.flatMap(({ kernel, inputs, outputs }, i) => [
    convSpec(`${name}.conv${i + 1}`, kernel, inputs, outputs),
    ...batchNormSpecs(`${name}.bn${i + 1}`, outputs),
  ]);
  if (!downsample) return specs;
  const { kernel, inputs, outputs } = downsample;
  return [
    ...specs,
    convSpec(`${name}.downsample.0`, kernel, inputs, outputs),
    ...batchNormSpecs(`${name}.downsample.1`, outputs),
  ];
}

function blockForward(x: tf.Tensor4D, { name, convs, downsample }: Block, convBn: ConvBn): tf.Tensor4D {
  let y = x;
  convs.forEach(({ kernel, stride }, i) => {
    y = convBn(y, `${name}.conv${i + 1}`, `${name}.bn${i + 1}`, { stride, padding: (kernel - 1) / 2 });
    if (i < convs.length - 1) y = tf.relu(y);
  });
  const shortcut = downsample
    ? convBn(x, `${name}.downsample.0`, `${name}.downsample.1`, { stride: downsample.stride, padding: 0 })
    : x;
  return tf.relu(tf.add(y, shortcut));
}
