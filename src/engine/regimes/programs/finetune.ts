import type * as TF from '@tensorflow/tfjs';
import { tf } from '../../tf.ts';
import { normalise } from '../../augment/normalise.ts';
import { drawViewRandom, viewRandomSpec } from '../../augment/random.ts';
import { recordSpec, recordsOf } from '../../augment/records.ts';
import { randomViews } from '../../augment/views.ts';
import { layerOf } from '../../backbones/layers.ts';
import type { ParamSpec } from '../../backbones/types.ts';
import { leaf, select, stripPrefix, withPrefix } from '../../nn/tree.ts';
import type { StepInputs, Tree, TreeSpec } from '../../nn/types.ts';
import { valueAndGradients } from '../../optim/gradients.ts';
import { optimizers } from '../../optim/registry.ts';
import { riseAndCosine } from '../../optim/schedules.ts';
import type { FinetuneContext, FinetuneProgram, FinetuneRecipe } from '../types.ts';
import { bindAuxiliary } from './auxiliary.ts';
import { besideOf, besideSpec, headLogits, headSpec, labelSpec, weightedCrossEntropy } from './head.ts';
import { drawMixUp, mixUp, mixUpSpec } from './mix-up.ts';

/** Measured for the full regime at 5 to 20 labels per class; normalisation affines alone bear a larger rate. */
export const finetuneRecipes: Readonly<Record<FinetuneContext['trains'], FinetuneRecipe>> = {
  all: { optimizer: 'adamw', backbone: 3e-4, head: 1e-3, weightDecay: 1e-4, share: riseAndCosine, mixUp: 0 },
  norm: { optimizer: 'adamw', backbone: 1e-3, head: 1e-3, weightDecay: 1e-4, share: riseAndCosine, mixUp: 0 },
};

const prefix = 'backbone.';
const trainsIn = (trains: FinetuneContext['trains'], { role }: ParamSpec): boolean =>
  trains === 'all' ? role !== 'mean' && role !== 'variance' : role === 'scale' || role === 'shift';

/** Groups of parameters with the share of the backbone's rate they get: one for all, or one for each layer. */
function backboneGroups({ backbone, layerDecay = 1 }: FinetuneContext) {
  const first = (name: string): string => (name.split('.') as [string])[0];
  if (layerDecay === 1) return { rateOf: new Map([['backbone', 1]]), groupOf: first };
  const layer = (at: number): string => `layer-${at}`;
  const last = backbone.layers.length - 1;
  return {
    rateOf: new Map(backbone.layers.map((_, at) => [layer(at), layerDecay ** (last - at)])),
    groupOf: (name: string): string =>
      name.startsWith(prefix) ? layer(layerOf(backbone, name.slice(prefix.length))) : first(name),
  };
}

/**
 * Fine-tuning on labels: one random view per image, backbone, the probe's head, class-weighted softmax cross-entropy
 * Σ w·CE / Σ w, and an auxiliary loss beside it where one is asked for: supervised + weight · auxiliary. Trains all
 * parameters, or normalisation affines, and always the head's weight and bias.
 */
export function finetuneProgram(context: FinetuneContext): FinetuneProgram {
  const { backbone, statistics, classes, batch, recordSide, size, beside = 0 } = context;
  const recipe = context.recipe ?? finetuneRecipes[context.trains];
  const optimizer = optimizers[recipe.optimizer]();
  const auxiliary = context.auxiliary && bindAuxiliary(context.auxiliary, context);
  const { rateOf, groupOf } = backboneGroups(context);
  const groups = [...rateOf.keys(), 'head', ...(auxiliary ? ['auxiliary'] : [])];
  const specOf = (params: readonly ParamSpec[]): TreeSpec =>
    Object.fromEntries(params.map(({ name, shape }) => [prefix + name, { shape, dtype: 'float32' as const }]));
  const trainedSpec: TreeSpec = {
    ...specOf(backbone.params.filter((param) => trainsIn(context.trains, param))),
    ...headSpec(backbone.features, beside, classes),
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
      ...recordSpec(batch, recordSide),
      ...besideSpec(batch, beside),
      ...labelSpec(batch),
    },
    hyper: { ...optimizer.hyperSpec(groups), ...auxiliary?.hyperSpec },
    random: {
      ...viewRandomSpec(context.views, batch),
      ...(recipe.mixUp > 0 && mixUpSpec(batch)),
      ...auxiliary?.randomSpec,
    },
  };
  return {
    name: `finetune-${context.trains}-${backbone.name}`,
    signature,
    step(inputs) {
      const { state, batch: data, hyper, random } = inputs;
      const records = recordsOf(data);
      const planar = randomViews(records.images, records.boxes, random, context.views, size, 1);
      const own = normalise(planar, backbone.preprocessing);
      const labels = select(data, (name) => name in labelSpec(batch));
      const { seen, lossOf } =
        recipe.mixUp > 0
          ? mixUp(labels, random)
          : { seen: <T>(each: T): T => each, lossOf: (loss: (told: Tree) => TF.Scalar) => loss(labels) };
      const [images, told] = [seen(own), besideOf(data)];
      const joining = told && seen(told);
      const auxiliaryLoss = auxiliary?.lossOf(inputs);
      const trained = select(state, (name) => name in trainedSpec);
      const { loss, extra, gradients } = valueAndGradients(trained, (params) => {
        const all = { ...state, ...params };
        const { features, updates } = backbone.forward(stripPrefix(all, prefix), images, statistics);
        const logits = headLogits(features, all, joining);
        const supervised = lossOf((told) => weightedCrossEntropy(logits, told));
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
      const share = recipe.share(step, stepsPerEpoch * epochs);
      const { weightDecay } = recipe;
      return {
        ...Object.assign(
          {},
          ...[...rateOf].map(([group, part]) =>
            optimizer.hyper(group, { rate: recipe.backbone * part * share, weightDecay, step: step + 1 }),
          ),
        ),
        ...optimizer.hyper('head', { rate: recipe.head * share, weightDecay, step: step + 1 }),
        ...(auxiliary && {
          ...optimizer.hyper('auxiliary', { rate: auxiliary.rate * share, weightDecay, step: step + 1 }),
          ...auxiliary.hyper(step, stepsPerEpoch * epochs),
        }),
      };
    },
    random: (generator) => ({
      ...drawViewRandom(context.views, batch, generator),
      ...(recipe.mixUp > 0 && drawMixUp(recipe.mixUp, batch, generator)),
      ...auxiliary?.draw(generator),
    }),
  };
}
