import { balancedWeights, fitLogistic, type Samples } from './logistic.ts';
import type { HostTree } from '../nn/types.ts';

/** Length that centred features are brought to before the linear layer. */
export const FEATURE_LENGTH = 10;

/** A classifier on pooled features: logits = W·(10·(f − mean)/‖f − mean‖) + b. */
export interface Head {
  /** [features, classes] */
  readonly weight: Float32Array;
  /** [classes] */
  readonly bias: Float32Array;
  /** [features], mean of the features of unlabelled training images. */
  readonly mean: Float32Array;
}

/** Rows of features [n, mean.length], centred by `mean` and scaled to a length of 10. A row equal to the mean stays 0. */
export function normaliseFeatures(features: ArrayLike<number>, mean: ArrayLike<number>): Samples {
  const columns = mean.length;
  const rows = features.length / columns;
  const data = new Float64Array(features.length);
  for (let i = 0; i < rows; i++) {
    let square = 0;
    for (let j = 0; j < columns; j++) {
      const centred = (features[i * columns + j] as number) - (mean[j] as number);
      data[i * columns + j] = centred;
      square += centred * centred;
    }
    const scale = square > 0 ? FEATURE_LENGTH / Math.sqrt(square) : 0;
    for (let j = 0; j < columns; j++) data[i * columns + j] = (data[i * columns + j] as number) * scale;
  }
  return { data, rows, columns };
}

/**
 * The probe: logistic regression with C = 1 and class-balanced weights on normalised features.
 * A class without an example gets no weights and a bias 30 below the lowest, so that it is never called.
 * @param features [n, d] pooled features
 * @param labels n class numbers, each below `classes`
 */
export function fitProbe(
  features: Float32Array,
  labels: ArrayLike<number>,
  classes: number,
  mean: Float32Array,
): Head & { gradient: number } {
  const samples = normaliseFeatures(features, mean);
  const present = [...new Set(Array.from(labels))].sort((a, b) => a - b);
  const local = Int32Array.from({ length: labels.length }, (_, i) => present.indexOf(labels[i] as number));
  const model = fitLogistic(samples, local, balancedWeights(local, present.length), present.length);
  const width = samples.columns;
  const weight = new Float32Array(width * classes);
  const bias = new Float32Array(classes).fill(Math.min(...model.bias) - 30);
  present.forEach((label, k) => {
    bias[label] = model.bias[k] as number;
    for (let j = 0; j < width; j++) weight[j * classes + label] = model.weight[k * width + j] as number;
  });
  return { weight, bias, mean: Float32Array.from(mean), gradient: model.gradient };
}

/** Class probabilities [n, classes] of features [n, d], computed in float64; logits are divided by the temperature. */
export function headProbabilities(head: Head, features: Float32Array, temperature = 1): Float32Array {
  const samples = normaliseFeatures(features, head.mean);
  const classes = head.bias.length;
  const out = new Float32Array(samples.rows * classes);
  const scores = new Float64Array(classes);
  for (let i = 0; i < samples.rows; i++) {
    scores.set(head.bias);
    for (let j = 0; j < samples.columns; j++) {
      const feature = samples.data[i * samples.columns + j] as number;
      for (let k = 0; k < classes; k++)
        scores[k] = (scores[k] as number) + feature * (head.weight[j * classes + k] as number);
    }
    const most = Math.max(...scores);
    let total = 0;
    for (let k = 0; k < classes; k++) total += scores[k] = Math.exp(((scores[k] as number) - most) / temperature);
    for (let k = 0; k < classes; k++) out[i * classes + k] = (scores[k] as number) / total;
  }
  return out;
}

export const headTree = (head: Head): HostTree => ({
  'head.weight': { shape: [head.mean.length, head.bias.length], dtype: 'float32', data: head.weight },
  'head.bias': { shape: [head.bias.length], dtype: 'float32', data: head.bias },
  'head.mean': { shape: [head.mean.length], dtype: 'float32', data: head.mean },
});

export function headOf(tree: HostTree): Head {
  const take = (name: string): Float32Array => {
    const tensor = tree[name];
    if (!tensor || !(tensor.data instanceof Float32Array)) throw new RangeError(`a model without ${name}`);
    return tensor.data;
  };
  return { weight: take('head.weight'), bias: take('head.bias'), mean: take('head.mean') };
}
