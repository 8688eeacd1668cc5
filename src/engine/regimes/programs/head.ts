import type * as TF from '@tensorflow/tfjs';
import { tf } from '../../tf.ts';
import { unitRows } from '../../methods/losses/cosine.ts';
import { leaf, select } from '../../nn/tree.ts';
import type { HostTree, Program, Tree, TreeSpec } from '../../nn/types.ts';
import { adamW } from '../../optim/adamw.ts';
import { valueAndGradients } from '../../optim/gradients.ts';
import { FEATURE_LENGTH } from '../probe.ts';

/**
 * The head of probe and fine-tuning alike: centred features, scaled to one length, what joins them as it is, then linear.
 * @param features [n, features]
 * @param params `head.mean`, `head.weight` [features + beside, classes], `head.bias`
 * @param beside [n, beside]
 * @returns logits [n, classes]
 */
export function headLogits(features: TF.Tensor2D, params: Tree, beside: TF.Tensor2D | null = null): TF.Tensor2D {
  const scaled: TF.Tensor2D = tf.mul(unitRows(tf.sub(features, leaf(params, 'head.mean'))), FEATURE_LENGTH);
  const joined = beside ? tf.concat2d([scaled, beside], 1) : scaled;
  return tf.add(tf.matMul(joined, leaf(params, 'head.weight') as TF.Tensor2D), leaf(params, 'head.bias'));
}

/** What the head learns, for features of this width with this much beside them. */
export const headSpec = (features: number, beside: number, classes: number): TreeSpec => ({
  'head.weight': { shape: [features + beside, classes], dtype: 'float32' },
  'head.bias': { shape: [classes], dtype: 'float32' },
});

/** What joins the features of each image; no tensor where nothing does. */
export const besideSpec = (batch: number, beside: number): TreeSpec =>
  beside > 0 ? { beside: { shape: [batch, beside], dtype: 'float32' } } : {};
export const besideOf = (data: Tree): TF.Tensor2D | null => (data['beside'] as TF.Tensor2D | undefined) ?? null;

/** What is learned from: class numbers, and what each image counts. */
export const labelSpec = (batch: number): TreeSpec => ({
  labels: { shape: [batch], dtype: 'int32' },
  weights: { shape: [batch], dtype: 'float32' },
});

/**
 * Class-weighted softmax cross-entropy Σ w·CE / Σ w of a batch of `labelSpec`.
 * @param logits [n, classes]
 */
export function weightedCrossEntropy(logits: TF.Tensor2D, data: Tree): TF.Scalar {
  const weights = leaf(data, 'weights');
  const share = tf.div(weights, tf.maximum(tf.sum(weights), 1e-12));
  const truth = tf.oneHot(leaf(data, 'labels') as TF.Tensor1D, logits.shape[1]) as TF.Tensor2D;
  const crossEntropy = tf.neg(tf.sum(tf.mul(tf.logSoftmax(logits), truth), 1));
  return tf.sum(tf.mul(crossEntropy, share)) as TF.Scalar;
}

export interface HeadContext {
  /** Width of the features. */
  readonly features: number;
  /** Width of what joins them. */
  readonly beside: number;
  readonly classes: number;
  readonly batch: number;
}
export interface HeadProgram extends Program {
  initialState(head: HostTree): HostTree;
  /** @param step of the optimizer, from 1 */
  hyper(rate: number, weightDecay: number, step: number): HostTree;
}

const groups = ['head'] as const;

/** The head alone, on features that are there: what fine-tuning does to it while the backbone is held. */
export function headProgram({ features, beside, classes, batch }: HeadContext): HeadProgram {
  const optimizer = adamW();
  const trained = headSpec(features, beside, classes);
  const slots = optimizer.slots(trained);
  return {
    name: 'head',
    signature: {
      state: { ...trained, 'head.mean': { shape: [features], dtype: 'float32' }, ...slots },
      batch: {
        features: { shape: [batch, features], dtype: 'float32' },
        ...besideSpec(batch, beside),
        ...labelSpec(batch),
      },
      hyper: optimizer.hyperSpec(groups),
      random: {},
    },
    step({ state, batch: data, hyper }) {
      const params = select(state, (name) => name in trained);
      const { loss, gradients } = valueAndGradients(params, (current) => {
        const logits = headLogits(leaf(data, 'features') as TF.Tensor2D, { ...state, ...current }, besideOf(data));
        return { loss: weightedCrossEntropy(logits, data), extra: {} };
      });
      return { state: optimizer.update(state, gradients, state, hyper, () => 'head'), metrics: { loss } };
    },
    initialState(head) {
      const zeros = Object.entries(slots).map(([name, spec]) => {
        const data = new Float32Array(spec.shape.reduce((a, b) => a * b, 1));
        return [name, { ...spec, data }] as const;
      });
      return { ...head, ...Object.fromEntries(zeros) };
    },
    hyper: (rate, weightDecay, step) => optimizer.hyper('head', { rate, weightDecay, step }),
  };
}
