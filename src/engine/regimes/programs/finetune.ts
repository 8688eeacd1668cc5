import type * as TF from '@tensorflow/tfjs';
import { tf } from '../../tf.ts';
import { normalise } from '../../augment/normalise.ts';
import { drawViewRandom, viewRandomSpec } from '../../augment/random.ts';
import { randomViews } from '../../augment/views.ts';
import type { ParamSpec } from '../../backbones/types.ts';
import { unitRows } from '../../methods/losses/cosine.ts';
import { leaf, select, stripPrefix, withPrefix } from '../../nn/tree.ts';
import type { StepInputs, TreeSpec } from '../../nn/types.ts';
import { adamW } from '../../optim/adamw.ts';
import { valueAndGradients } from '../../optim/gradients.ts';
import { riseAndCosine } from '../../optim/schedules.ts';
import { FEATURE_LENGTH } from '../probe.ts';
import type { FinetuneContext, FinetuneProgram } from '../types.ts';
import { bindAuxiliary } from './auxiliary.ts';

/** Rates of fine-tuning; both rise over the first tenth of the steps and fall to 0 by cosine. */
export interface FinetuneRates {
  readonly backbone: number;
  readonly head: number;
  readonly weightDecay: number;
}

/** Measured for the full regime at 5 to 20 labels per class; normalisation affines alone bear a larger rate. */
export const finetuneRates: Readonly<Record<FinetuneContext['trains'], FinetuneRates>> = {
  all: { backbone: 3e-4, head: 1e-3, weightDecay: 1e-4 },
  norm: { backbone: 1e-3, head: 1e-3, weightDecay: 1e-4 },
};

const prefix = 'backbone.';
const groupOf = (name: string): string => (name.split('.') as [string])[0];

const trainsIn = (trains: FinetuneContext['trains'], { role }: ParamSpec): boolean =>
  trains === 'all' ? role !== 'mean' && role !== 'variance' : role === 'scale' || role === 'shift';

/**
 * The head of probe and fine-tuning alike: centred features, scaled to one length, then linear.
 * @param features [n, features]
 * @returns logits [n, classes]
 */
function headLogits(
  features: TF.Tensor2D,
  head: { readonly mean: TF.Tensor; readonly weight: TF.Tensor; readonly bias: TF.Tensor },
): TF.Tensor2D {
  const scaled = tf.mul(unitRows(tf.sub(features, head.mean)), FEATURE_LENGTH);
  return tf.add(tf.matMul(scaled, head.weight as TF.Tensor2D), head.bias);
}

/**
 * Fine-tuning on labels: one random view per image, backbone, the probe's head, class-weighted softmax cross-entropy
 * Σ w·CE / Σ w, and an auxiliary loss beside it where one is asked for: supervised + weight · auxiliary. Trains all
 * parameters, or normalisation affines, and always the head's weight and bias.
 */
export function finetuneProgram(
  context: FinetuneContext,
  rates: FinetuneRates = finetuneRates[context.trains],
): FinetuneProgram {
  const { backbone, statistics, classes, batch, recordSide, size } = context;
  const optimizer = adamW();
  const auxiliary = context.auxiliary && bindAuxiliary(context.auxiliary, context);
  const groups = ['backbone', 'head', ...(auxiliary ? ['auxiliary'] : [])];
  const specOf = (params: readonly ParamSpec[]): TreeSpec =>
    Object.fromEntries(params.map(({ name, shape }) => [prefix + name, { shape, dtype: 'float32' as const }]));
  const trainedSpec: TreeSpec = {
    ...specOf(backbone.params.filter((param) => trainsIn(context.trains, param))),
    'head.weight': { shape: [backbone.features, classes], dtype: 'float32' },
    'head.bias': { shape: [classes], dtype: 'float32' },
    ...auxiliary?.trained,
  };
  const signature: StepInputs<TreeSpec> = {
    state: {
      ...trainedSpec,
      ...specOf(backbone.params.filter((param) => !trainsIn(context.trains, param))),
      'head.mean': { shape: [backbone.features], dtype: 'float32' },
      ...auxiliary?.state,
      ...optimizer.slots(trainedSpec),
    },
    batch: {
      ...auxiliary?.batch,
      images: { shape: [batch, recordSide, recordSide, 3], dtype: 'float32' },
      boxes: { shape: [batch, 4], dtype: 'float32' },
      labels: { shape: [batch], dtype: 'int32' },
      weights: { shape: [batch], dtype: 'float32' },
    },
    hyper: { ...optimizer.hyperSpec(groups), ...auxiliary?.hyperSpec },
    random: { ...viewRandomSpec(context.views, batch), ...auxiliary?.randomSpec },
  };
  return {
    name: `finetune-${context.trains}-${backbone.name}`,
    signature,
    step(inputs) {
      const { state, batch: data, hyper, random } = inputs;
      const planar = randomViews(
        leaf(data, 'images') as TF.Tensor4D,
        leaf(data, 'boxes') as TF.Tensor2D,
        random,
        context.views,
        size,
        1,
      );
      const images = normalise(planar, backbone.preprocessing);
      const truth = tf.oneHot(leaf(data, 'labels') as TF.Tensor1D, classes) as TF.Tensor2D;
      const weights = leaf(data, 'weights');
      const share = tf.div(weights, tf.maximum(tf.sum(weights), 1e-12));
      const auxiliaryLoss = auxiliary?.lossOf(inputs);
      const trained = select(state, (name) => name in trainedSpec);
      const { loss, extra, gradients } = valueAndGradients(trained, (params) => {
        const all = { ...state, ...params };
        const { features, updates } = backbone.forward(stripPrefix(all, prefix), images, statistics);
        const logits = headLogits(features, {
          mean: leaf(all, 'head.mean'),
          weight: leaf(all, 'head.weight'),
          bias: leaf(all, 'head.bias'),
        });
        const crossEntropy = tf.neg(tf.sum(tf.mul(tf.logSoftmax(logits), truth), 1));
        const supervised: TF.Scalar = tf.sum(tf.mul(crossEntropy, share));
        const extra = { logits, ...withPrefix(updates, `updates.${prefix}`) };
        if (!auxiliary || !auxiliaryLoss) return { loss: supervised, extra };
        const { loss, extra: buffers } = auxiliaryLoss(params);
        return {
          loss: tf.add(supervised, tf.mul(loss, auxiliary.weight(hyper))),
          extra: { ...extra, ...withPrefix(buffers, 'updates.') },
        };
      });
      const updated = optimizer.update(state, gradients, state, hyper, groupOf);
      return {
        state: { ...updated, ...auxiliary?.follow(state, updated, hyper), ...stripPrefix(extra, 'updates.') },
        metrics: { loss, logits: leaf(extra, 'logits') },
      };
    },
    initialState(weights, head, random, begun = { teacher: weights, buffers: {} }) {
      const start = { ...withPrefix(weights, prefix), ...head, ...auxiliary?.initialState(weights, random, begun) };
      return Object.fromEntries(
        Object.entries(signature.state).map(([name, spec]) => {
          const length = spec.shape.reduce((a, b) => a * b, 1);
          const data = name.startsWith('slots.') ? new Float32Array(length) : Float32Array.from(leaf(start, name).data);
          return [name, { ...spec, data }];
        }),
      );
    },
    hyper({ step, stepsPerEpoch, epochs }) {
      const share = riseAndCosine(step, stepsPerEpoch * epochs);
      const { weightDecay } = rates;
      return {
        ...optimizer.hyper('backbone', { rate: rates.backbone * share, weightDecay, step: step + 1 }),
        ...optimizer.hyper('head', { rate: rates.head * share, weightDecay, step: step + 1 }),
        ...(auxiliary && {
          ...optimizer.hyper('auxiliary', { rate: auxiliary.rate * share, weightDecay, step: step + 1 }),
          ...auxiliary.hyper(step, stepsPerEpoch * epochs),
        }),
      };
    },
    random: (generator) => ({ ...drawViewRandom(context.views, batch, generator), ...auxiliary?.draw(generator) }),
  };
}
