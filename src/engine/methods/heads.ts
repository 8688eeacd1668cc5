import type * as TF from '@tensorflow/tfjs';
import { tf } from '../tf.ts';
import { leaf } from '../nn/tree.ts';
import type { Generator } from '../data/random.ts';
import type { HostTree, Tree, TreeSpec } from '../nn/types.ts';
import { unitRows } from './losses/cosine.ts';
import { choiceOf, numberOf } from './settings.ts';
import type { AdaptContext, Part, Settings } from './types.ts';

export type HeadNorm = 'batch' | 'layer';

/** Linear, normalisation, ReLU, linear: projectors and predictors. With three layers, the middle one like the first. */
export interface HeadShape {
  readonly input: number;
  readonly hidden: number;
  readonly output: number;
  readonly norm: HeadNorm;
  /** False where a normalisation by the batch follows the head: it would cancel the bias, which then only drifts with noise. */
  readonly outputBias: boolean;
  readonly layers?: 2 | 3;
  /** The output normalised too, without scale and shift of its own. */
  readonly outputNorm?: boolean;
}

const epsilon = 1e-5;

const vector = (length: number) => ({ shape: [length], dtype: 'float32' as const });

/** A multi-layer perceptron. */
export function mlp(shape: HeadShape): Part {
  const { input, hidden, output, norm, outputBias, layers = 2, outputNorm = false } = shape;
  const normalised = layers === 3 ? ['hidden', 'middle'] : ['hidden'];
  const inputs: Readonly<Record<string, number>> = { hidden: input, middle: hidden, output: hidden };
  // Under batch normalisation a bias would cancel, so there is none.
  const layerSpec = (name: string): TreeSpec => ({
    [`${name}.weight`]: { shape: [leaf(inputs, name), hidden], dtype: 'float32' },
    ...(norm === 'layer' && { [`${name}.bias`]: vector(hidden) }),
    [`${normOf(name)}.weight`]: vector(hidden),
    [`${normOf(name)}.bias`]: vector(hidden),
  });
  const spec: TreeSpec = {
    ...Object.assign({}, ...normalised.map(layerSpec)),
    'output.weight': { shape: [hidden, output], dtype: 'float32' },
    ...(outputBias && { 'output.bias': vector(output) }),
  };
  return {
    spec,
    initial: (random) => initialLayers(spec, inputs, random),
    forward(params, x, views) {
      const normalise = (y: TF.Tensor2D): TF.Tensor2D => (norm === 'batch' ? batchNorm(y, views) : layerNorm(y));
      let y = x;
      for (const name of normalised) {
        const normal = normalise(linear(params, name, y));
        const [scale, shift] = ['weight', 'bias'].map((each) => leaf(params, `${normOf(name)}.${each}`));
        y = tf.relu(tf.add(tf.mul(normal, scale as TF.Tensor), shift as TF.Tensor));
      }
      const out = linear(params, 'output', y);
      return outputNorm ? normalise(out) : out;
    },
  };
}

/** A projector by the settings that methods share, with what is different about this one. */
export const projector = ({ settings, backbone }: AdaptContext, own: Partial<HeadShape> = {}): Part =>
  mlp({
    input: backbone.features,
    hidden: numberOf(settings, 'hidden'),
    output: numberOf(settings, 'projection'),
    norm: headNorm(settings),
    outputBias: true,
    ...own,
  });

export const headNorm = (settings: Settings): HeadNorm => choiceOf(settings, 'headNorm', ['batch', 'layer']);

const normOf = (layer: string): string => (layer === 'hidden' ? 'norm' : `${layer}-norm`);

/**
 * Scores of rows against prototypes, both of length 1: cosines (Caron et al. 2020, section 3.1; the weight-normalised last
 * layer of Caron et al. 2021, section 3.2, is the same). Gradients pass through the normalisation.
 * @returns [n, count]
 */
export function prototypes(width: number, count: number): Part {
  const spec: TreeSpec = { weight: { shape: [count, width], dtype: 'float32' } };
  return {
    spec,
    initial: (random) => initialLayers({ weight: leaf(spec, 'weight') }, { weight: width }, random),
    forward: (params, x) => tf.matMul(unitRows(x), unitRows(leaf(params, 'weight') as TF.Tensor2D), false, true),
  };
}

/** Uniform in ±1/√inputs, as torch.nn.Linear starts; normalisation as identity. */
function initialLayers(spec: TreeSpec, inputs: Readonly<Record<string, number>>, random: Generator): HostTree {
  const start: HostTree = {};
  for (const [name, leafSpec] of Object.entries(spec)) {
    const length = leafSpec.shape.reduce((a, b) => a * b, 1);
    const [layer = ''] = name.split('.');
    const data = layer.endsWith('norm')
      ? new Float32Array(length).fill(name.endsWith('.weight') ? 1 : 0)
      : random.uniform(length).map((value) => (2 * value - 1) / Math.sqrt(leaf(inputs, layer)));
    start[name] = { ...leafSpec, data };
  }
  return start;
}

function linear(params: Tree, name: string, x: TF.Tensor2D): TF.Tensor2D {
  const out: TF.Tensor2D = tf.matMul(x, leaf(params, `${name}.weight`) as TF.Tensor2D);
  const bias = params[`${name}.bias`];
  return bias ? tf.add(out, bias) : out;
}

/** Each column of each view to mean 0 and variance 1 (Ioffe & Szegedy 2015, algorithm 1), with the batch's statistics. */
function batchNorm(x: TF.Tensor2D, views: number): TF.Tensor2D {
  const grouped = tf.reshape(x, [views, -1, x.shape[1]]);
  return tf.reshape(standardised(grouped, 1), x.shape);
}

/** Each row to mean 0 and variance 1 (Ba et al. 2016). */
function layerNorm(x: TF.Tensor2D): TF.Tensor2D {
  return standardised(x, 1);
}

function standardised<T extends TF.Tensor>(x: T, axis: number): T {
  const centred = tf.sub(x, tf.mean(x, axis, true));
  const variance = tf.mean(tf.square(centred), axis, true);
  return tf.mul(centred, tf.rsqrt(tf.add(variance, epsilon)));
}
