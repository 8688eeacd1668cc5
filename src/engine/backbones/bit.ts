import { groupNorm } from '../nn/composites/group-norm.ts';
import { weightStandardisation } from '../nn/composites/weight-standardisation.ts';
import { conv2d, globalAveragePool, zeroPaddedMaxPool } from '../nn/layers.ts';
import { leaf } from '../nn/tree.ts';
import type { Tree } from '../nn/types.ts';
import { tf } from '../tf.ts';
import { affineSpecs, convSpec, narrowed, shortened, type Shrink } from './spec.ts';
import type { Backbone, ParamSpec } from './types.ts';

export interface BitConfig {
  readonly name: string;
  /** Blocks of the four stages. */
  readonly depths: readonly number[];
}

const stemChannels = 64;
const expansion = 4;
const groupCount = 32;
const normEpsilon = 1e-5;
const weightEpsilon = 1e-8;

interface Block {
  readonly name: string;
  readonly stride: number;
  readonly inputs: number;
  readonly middle: number;
  readonly outputs: number;
  /** Whether the shortcut is a convolution: the first block of every stage. */
  readonly downsample: boolean;
}

interface Layers {
  conv(x: tf.Tensor4D, name: string, kernel: number, stride?: number): tf.Tensor4D;
  /** Group normalisation, then ReLU. */
  normRelu(x: tf.Tensor4D, name: string): tf.Tensor4D;
}

/**
 * Big Transfer ResNet-v2 of width 1 (Kolesnikov et al. 2020, section 3), as timm's `resnetv2_*x1_bit`: pre-activation
 * bottlenecks, group normalisation, standardised weights, PyTorch padding. It keeps no batch statistics.
 */
export function bit(config: BitConfig, shrink?: Shrink): Backbone {
  const stem = narrowed(stemChannels, shrink);
  const groups = narrowed(groupCount, shrink);
  const blocks = blocksOf(config, stem, shrink);
  const features = blocks.at(-1)?.outputs ?? stem;
  return {
    name: config.name,
    family: 'bit',
    norm: 'group',
    side: 224,
    sideStep: 1,
    features,
    layers: [['stem'], ...blocks.map(({ name }) => [name]), ['norm']],
    params: [convSpec('stem.conv', 7, 3, stem), ...blocks.flatMap(blockSpecs), ...affineSpecs('norm', features)],
    preprocessing: { mean: [0.5, 0.5, 0.5], std: [0.5, 0.5, 0.5] },
    forward(params, images) {
      const layers = bindLayers(params, groups);
      let x = zeroPaddedMaxPool(layers.conv(images, 'stem.conv', 7, 2));
      for (const block of blocks) x = blockForward(x, block, layers);
      const map = layers.normRelu(x, 'norm');
      return { features: globalAveragePool(map), map, updates: {} };
    },
  };
}

function bindLayers(params: Tree, groups: number): Layers {
  return {
    conv(x, name, kernel, stride = 1) {
      const weight = leaf(params, `${name}.weight`) as tf.Tensor4D;
      return conv2d(x, weightStandardisation(weight, weightEpsilon), { stride, padding: (kernel - 1) / 2 });
    },
    normRelu(x, name) {
      const scale = leaf(params, `${name}.weight`);
      return tf.relu(groupNorm(x, scale, leaf(params, `${name}.bias`), groups, normEpsilon));
    },
  };
}

function blocksOf({ depths }: BitConfig, stem: number, shrink: Shrink | undefined): Block[] {
  const blocks: Block[] = [];
  let inputs = stem;
  depths.forEach((depth, stage) => {
    const middle = narrowed(stemChannels * 2 ** stage, shrink);
    const outputs = expansion * middle;
    for (let i = 0; i < shortened(depth, shrink); i++) {
      const stride = stage > 0 && i === 0 ? 2 : 1;
      blocks.push({ name: `stages.${stage}.blocks.${i}`, stride, inputs, middle, outputs, downsample: i === 0 });
      inputs = outputs;
    }
  });
  return blocks;
}

function blockSpecs({ name, inputs, middle, outputs, downsample }: Block): ParamSpec[] {
  return [
    ...(downsample ? [convSpec(`${name}.downsample.conv`, 1, inputs, outputs)] : []),
    ...affineSpecs(`${name}.norm1`, inputs),
    convSpec(`${name}.conv1`, 1, inputs, middle),
    ...affineSpecs(`${name}.norm2`, middle),
    convSpec(`${name}.conv2`, 3, middle, middle),
    ...affineSpecs(`${name}.norm3`, middle),
    convSpec(`${name}.conv3`, 1, middle, outputs),
  ];
}

function blockForward(x: tf.Tensor4D, block: Block, { conv, normRelu }: Layers): tf.Tensor4D {
  const { name, stride } = block;
  const active = normRelu(x, `${name}.norm1`);
  const shortcut = block.downsample ? conv(active, `${name}.downsample.conv`, 1, stride) : x;
  let y = conv(active, `${name}.conv1`, 1);
  y = conv(normRelu(y, `${name}.norm2`), `${name}.conv2`, 3, stride);
  y = conv(normRelu(y, `${name}.norm3`), `${name}.conv3`, 1);
  return tf.add(y, shortcut);
}
