import { balancedWeights, fitLogistic, type Samples } from './logistic.ts';
import type { HostTree } from '../nn/types.ts';

/** Length that centred features are brought to before the linear layer. */
export const FEATURE_LENGTH = 10;

/**
 * A classifier on pooled features: logits = W·x + b, where x is 10·(f − mean)/‖f − mean‖ and what columns of the image
 * add behind it.
 */
export interface Head {
  /** [features and columns, classes] */
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

/** Features of each row, and what joins them behind. */
function joined(features: Samples, beside: Samples | undefined): Samples {
  if (!beside || beside.columns === 0) return features;
  const columns = features.columns + beside.columns;
  const data = new Float64Array(features.rows * columns);
  for (let i = 0; i < features.rows; i++) {
    data.set(features.data.subarray(i * features.columns, (i + 1) * features.columns), i * columns);
    const own = beside.data.subarray(i * beside.columns, (i + 1) * beside.columns);
    data.set(own, i * columns + features.columns);
  }
  return { data, rows: features.rows, columns };
}

/**
 * The probe: logistic regression with C = 1 and class-balanced weights on normalised features.
 * A class without an example gets no weights and a bias 30 below the lowest, so that it is never called.
 * @param features [n, d] pooled features
 * @param labels n class numbers, each below `classes`
 * @param beside n rows that join the features as they are
 */
export function fitProbe(
  features: Float32Array,
  labels: ArrayLike<number>,
  classes: number,
  mean: Float32Array,
  beside?: Samples,
): Head & { gradient: number } {
  const samples = joined(normaliseFeatures(features, mean), beside);
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

/**
 * Class probabilities [n, classes] of features [n, d], computed in float64.
 * @param beside n rows that join the features, as when the head was trained
 * @param temperature what the logits are divided by
 */
export function headProbabilities(
  head: Head,
  features: Float32Array,
  { beside, temperature = 1 }: { readonly beside?: Samples; readonly temperature?: number } = {},
): Float32Array {
  const samples = joined(normaliseFeatures(features, head.mean), beside);
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
  'head.weight': {
    shape: [head.weight.length / head.bias.length, head.bias.length],
    dtype: 'float32',
    data: head.weight,
  },
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
