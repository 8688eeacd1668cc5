import type * as TF from '@tensorflow/tfjs';
import { tf } from '../tf.ts';
import { leaf } from '../nn/tree.ts';
import type { Generator } from '../data/random.ts';
import type { HostTree, Tree, TreeSpec } from '../nn/types.ts';

export type HeadNorm = 'batch' | 'layer';

/** Linear, normalisation, ReLU, linear: projectors and predictors of BYOL and SimCLR. */
export interface HeadShape {
  readonly input: number;
  readonly hidden: number;
  readonly output: number;
  readonly norm: HeadNorm;
  /** False where a batch normalisation follows the head: it would cancel the bias, which then only drifts with noise. */
  readonly outputBias: boolean;
}

const epsilon = 1e-5;

/** Parameters of a head. Under batch normalisation the first bias would cancel, so there is none. */
export function headSpec({ input, hidden, output, norm, outputBias }: HeadShape): TreeSpec {
  const vector = (length: number) => ({ shape: [length], dtype: 'float32' as const });
  return {
    'hidden.weight': { shape: [input, hidden], dtype: 'float32' },
    ...(norm === 'layer' && { 'hidden.bias': vector(hidden) }),
    'norm.weight': vector(hidden),
    'norm.bias': vector(hidden),
    'output.weight': { shape: [hidden, output], dtype: 'float32' },
    ...(outputBias && { 'output.bias': vector(output) }),
  };
}

/** Random parameters: uniform in ±1/√inputs, as torch.nn.Linear starts; normalisation as identity. */
export function initialHead(shape: HeadShape, random: Generator): HostTree {
  const start: HostTree = {};
  for (const [name, spec] of Object.entries(headSpec(shape))) {
    const length = spec.shape.reduce((a, b) => a * b, 1);
    const bound = 1 / Math.sqrt(name.startsWith('hidden.') ? shape.input : shape.hidden);
    const data =
      name === 'norm.weight'
        ? new Float32Array(length).fill(1)
        : name === 'norm.bias'
          ? new Float32Array(length)
          : random.uniform(length).map((value) => (2 * value - 1) * bound);
    start[name] = { ...spec, data };
  }
  return start;
}

/**
 * @param x [views · batch, input], view-major
 * @param views batch normalisation takes its statistics from each view alone
 * @returns [views · batch, output]
 */
export function headForward(params: Tree, x: TF.Tensor2D, norm: HeadNorm, views: number): TF.Tensor2D {
  const linear = tf.matMul(x, leaf(params, 'hidden.weight') as TF.Tensor2D) as TF.Tensor2D;
  const scale = leaf(params, 'norm.weight');
  const shift = leaf(params, 'norm.bias');
  const normal = norm === 'batch' ? batchNorm(linear, views) : layerNorm(tf.add(linear, leaf(params, 'hidden.bias')));
  const hidden = tf.relu(tf.add(tf.mul(normal, scale), shift));
  const out: TF.Tensor2D = tf.matMul(hidden, leaf(params, 'output.weight') as TF.Tensor2D);
  const bias = params['output.bias'];
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
