import { tf } from '../tf.ts';
import { batchNormTrain } from './composites/batch-norm.ts';
import { conv2d, depthwiseConv2d, type ConvOptions } from './layers.ts';
import { leaf } from './tree.ts';
import type { Tree } from './types.ts';

/** PyTorch's: running ← 0.9 · running + 0.1 · batch. */
const momentum = 0.1;

export interface ConvBnContext {
  readonly params: Tree;
  readonly statistics: 'frozen' | 'batch';
  readonly epsilon: number;
}

export interface ConvBnOptions extends ConvOptions {
  readonly depthwise?: boolean;
}

/**
 * A convolution named `conv` (its `.weight`) followed by the batch normalisation named `norm`
 * (`.weight` γ, `.bias` β, `.running_mean` μ, `.running_var` σ²).
 */
export type ConvBn = (x: tf.Tensor4D, conv: string, norm: string, options?: ConvBnOptions) => tf.Tensor4D;

/**
 * Convolutions with batch normalisation (Ioffe and Szegedy 2015), bound to parameters and a kind of statistics.
 *
 * `frozen`: folded in the graph, w′ = w · γ/√(σ²+ε) and b′ = β − μ · γ/√(σ²+ε), so no pass over activations remains and
 * γ, β and w get their gradients through w′ and b′.
 * `batch`: normalised by mean and (biased) variance of the batch over n, h, w; the new running statistics, with the
 * unbiased variance as in PyTorch, are collected in `updates`.
 */
export function bindConvBn(context: ConvBnContext): { convBn: ConvBn; updates: Tree } {
  const updates: Tree = {};
  const convBn: ConvBn = (x, conv, norm, options = {}) => {
    const weight = leaf(context.params, `${conv}.weight`) as tf.Tensor4D;
    const convolve = options.depthwise ? depthwiseConv2d : conv2d;
    if (context.statistics === 'batch') return batchNorm(convolve(x, weight, options), norm, context, updates);
    const { scale, shift } = frozenAffine(norm, context);
    const perOutput = options.depthwise ? tf.reshape(scale, [-1, 1]) : scale;
    return tf.add(convolve(x, tf.mul(weight, perOutput), options), shift);
  };
  return { convBn, updates };
}

function frozenAffine(norm: string, { params, epsilon }: ConvBnContext): { scale: tf.Tensor; shift: tf.Tensor } {
  const deviation = tf.rsqrt(tf.add(leaf(params, `${norm}.running_var`), epsilon));
  const scale = tf.mul(leaf(params, `${norm}.weight`), deviation);
  const shift = tf.sub(leaf(params, `${norm}.bias`), tf.mul(leaf(params, `${norm}.running_mean`), scale));
  return { scale, shift };
}

function batchNorm(x: tf.Tensor4D, norm: string, context: ConvBnContext, updates: Tree): tf.Tensor4D {
  const { params, epsilon } = context;
  const scale = leaf(params, `${norm}.weight`);
  const { y, mean, variance } = batchNormTrain(x, scale, leaf(params, `${norm}.bias`), epsilon);
  const count = x.shape[0] * x.shape[1] * x.shape[2];
  const unbiased = tf.mul(variance, count / Math.max(1, count - 1));
  updates[`${norm}.running_mean`] = running(leaf(params, `${norm}.running_mean`), mean);
  updates[`${norm}.running_var`] = running(leaf(params, `${norm}.running_var`), unbiased);
  return y;
}

const running = (old: tf.Tensor, batch: tf.Tensor): tf.Tensor =>
  tf.add(tf.mul(old, 1 - momentum), tf.mul(batch, momentum));
