import type * as TF from '@tensorflow/tfjs';
import { tf } from '../tf.ts';
import { normalise } from '../augment/normalise.ts';
import { drawViewRandom, viewRandomSpec } from '../augment/random.ts';
import { recordSpec, recordsOf } from '../augment/records.ts';
import { randomViews } from '../augment/views.ts';
import { leaf, select, stripPrefix, withPrefix } from '../nn/tree.ts';
import type { HostTree, Program, StepInputs, StepOutputs, Tree, TreeSpec } from '../nn/types.ts';
import { adamW } from '../optim/adamw.ts';
import { moveTowards } from '../optim/ema.ts';
import { valueAndGradients } from '../optim/gradients.ts';
import { scalar, scalarSpec } from '../optim/scalar.ts';
import { riseAndCosine, scheduleOf, type Schedule } from '../optim/schedules.ts';
import { sgd } from '../optim/sgd.ts';
import { headForward, headSpec, initialHead, type HeadShape } from './heads.ts';
import { choiceOf, numberOf } from './settings.ts';
import type { AdaptContext, AdaptProgram, Moment } from './types.ts';

/** What a loss over two views sees. Rows are view-major: row i and row i + batch are views of one image. */
export interface TwoViews {
  /** Pooled features of the online backbone, [2·batch, features]. */
  readonly online: TF.Tensor2D;
  /** The same of the target backbone; not differentiated. */
  readonly target: TF.Tensor2D;
  /** A head of the online network. */
  head(name: string, x: TF.Tensor2D): TF.Tensor2D;
  /** The target's copy of a head. */
  targetHead(name: string, x: TF.Tensor2D): TF.Tensor2D;
  readonly hyper: Tree;
}

/** A method that compares two random views of each image. */
export interface TwoViewMethod {
  readonly name: string;
  readonly heads: Readonly<Record<string, HeadShape>>;
  /** Heads with a slowly moving copy beside one of the backbone; null where the method has no target network. */
  readonly target: readonly string[] | null;
  /** Scalars of the loss at a step, and `targetShare` (1 − τ) where there is a target. */
  hyper(step: number, schedule: Schedule): Readonly<Record<string, number>>;
  loss(views: TwoViews): TF.Scalar;
}

const views = 2;
const groups = ['backbone', 'heads'] as const;
const online = 'online.';
const target = 'target.';
const backbonePrefix = 'backbone.';
const groupOf = (name: string): string => (name.startsWith(online + backbonePrefix) ? 'backbone' : 'heads');

/** Builds the program of a two-view method: views, forward passes, gradients, optimizer, moving average. */
export function twoViewProgram(method: TwoViewMethod, context: AdaptContext): AdaptProgram {
  const { backbone, batch, recordSide, size, settings } = context;
  const statistics = choiceOf(settings, 'statistics', ['frozen', 'batch']);
  const optimizer = choiceOf(settings, 'optimizer', ['adamw', 'sgd']) === 'adamw' ? adamW() : sgd();
  const warmUpEpochs = numberOf(settings, 'warmUpEpochs');
  const scheduleAt = (moment: Moment): Schedule => scheduleOf(moment, warmUpEpochs);

  const backboneSpec = (trained: boolean): TreeSpec =>
    Object.fromEntries(
      backbone.params
        .filter(({ role }) => (role !== 'mean' && role !== 'variance') === trained)
        .map(({ name, shape }) => [backbonePrefix + name, { shape, dtype: 'float32' as const }]),
    );
  const headsSpec = (names: readonly string[]): TreeSpec =>
    Object.assign({}, ...names.map((name) => withPrefix(headSpec(leaf(method.heads, name)), `${name}.`)));
  const trainedSpec = withPrefix({ ...backboneSpec(true), ...headsSpec(Object.keys(method.heads)) }, online);
  const followed = method.target ? Object.keys({ ...backboneSpec(true), ...headsSpec(method.target) }) : [];
  const targetSpec = Object.fromEntries(
    followed.map((name) => [target + name, leaf(trainedSpec, online + name)]),
  ) as TreeSpec;

  const signature: StepInputs<TreeSpec> = {
    state: {
      ...trainedSpec,
      ...withPrefix(backboneSpec(false), online),
      ...targetSpec,
      ...optimizer.slots(trainedSpec),
    },
    batch: recordSpec(batch, recordSide),
    hyper: {
      ...optimizer.hyperSpec(groups),
      ...Object.fromEntries(Object.keys(method.hyper(0, { total: 1, warmUp: 0 })).map((name) => [name, scalarSpec])),
    },
    random: viewRandomSpec(context.views, views * batch),
  };

  /** Both views in one pass; with batch statistics one after the other, as each view is a batch of its own. */
  function features(params: Tree, images: TF.Tensor4D): { features: TF.Tensor2D; updates: Tree } {
    if (statistics === 'frozen') return backbone.forward(params, images, statistics);
    const [first, second] = tf.split(images, views) as [TF.Tensor4D, TF.Tensor4D];
    const a = backbone.forward(params, first, statistics);
    const b = backbone.forward({ ...params, ...a.updates }, second, statistics);
    return { features: tf.concat([a.features, b.features]), updates: b.updates };
  }

  function step(held: boolean, { state, batch: data, hyper, random }: StepInputs<Tree>): StepOutputs<Tree> {
    const records = recordsOf(data);
    const planar = randomViews(records.images, records.boxes, random, context.views, size, views);
    const images = normalise(planar, backbone.preprocessing);
    const backboneOf = (params: Tree): Tree => stripPrefix(params, online + backbonePrefix);
    const before = backboneOf(state);
    const targetBackbone = { ...before, ...stripPrefix(state, target + backbonePrefix) };

    const fixed = held ? features(before, images) : null;
    const targetFeatures = fixed ?? (method.target ? features(targetBackbone, images) : null);
    const trained = select(state, (name) => name in trainedSpec && !(held && groupOf(name) === 'backbone'));
    const { loss, extra, gradients } = valueAndGradients(trained, (params) => {
      const pass = fixed ?? features({ ...before, ...backboneOf(params) }, images);
      const head = (tree: Tree, prefix: string, name: string, x: TF.Tensor2D): TF.Tensor2D =>
        headForward(stripPrefix(tree, `${prefix}${name}.`), x, leaf(method.heads, name).norm, views);
      const value = method.loss({
        online: pass.features,
        target: targetFeatures?.features ?? pass.features,
        head: (name, x) => head(params, online, name, x),
        targetHead: (name, x) => head(state, target, name, x),
        hyper,
      });
      return { loss: value, extra: { features: pass.features, ...withPrefix(pass.updates, 'updates.') } };
    });

    const updated = optimizer.update(state, gradients, state, hyper, groupOf);
    // A held backbone equals its target: only heads move then.
    const moving = followed.filter((name) => online + name in updated);
    const moved = method.target
      ? moveTowards(
          state,
          updated,
          moving.map((name) => [target + name, online + name] as const),
          leaf(hyper, 'targetShare'),
        )
      : {};
    return {
      state: { ...updated, ...moved, ...withPrefix(stripPrefix(extra, 'updates.'), online + backbonePrefix) },
      metrics: { loss, embedding: tf.slice(leaf(extra, 'features') as TF.Tensor2D, [0, 0], [batch, -1]) },
    };
  }

  const inWarmUp = (moment: Moment): boolean => moment.step < scheduleAt(moment).warmUp;
  const rateShare = (moment: Moment): number => {
    const { total, warmUp } = scheduleAt(moment);
    return moment.step < warmUp ? 1 : riseAndCosine(moment.step - warmUp, total - warmUp);
  };
  const learningRate = (moment: Moment): number =>
    inWarmUp(moment) ? 0 : numberOf(settings, 'learningRate') * rateShare(moment);
  const warmUp: Program = {
    name: `${method.name}-heads-${backbone.name}`,
    signature,
    step: (inputs) => step(true, inputs),
  };
  return {
    name: `${method.name}-${backbone.name}`,
    signature,
    statistics,
    step: (inputs) => step(false, inputs),
    warmUp,
    inWarmUp,
    learningRate,
    initialState(weights, random) {
      const heads: HostTree = Object.assign(
        {},
        ...Object.entries(method.heads).map(([name, shape]) => withPrefix(initialHead(shape, random), `${name}.`)),
      );
      const start = withPrefix({ ...withPrefix(weights, backbonePrefix), ...heads }, online);
      return Object.fromEntries(
        Object.entries(signature.state).map(([name, spec]) => {
          const source = name.startsWith(target) ? online + name.slice(target.length) : name;
          const length = spec.shape.reduce((a, b) => a * b, 1);
          const data = source in start ? Float32Array.from(leaf(start, source).data) : new Float32Array(length);
          return [name, { ...spec, data }];
        }),
      );
    },
    hyper(moment) {
      const schedule = scheduleAt(moment);
      const weightDecay = numberOf(settings, 'weightDecay');
      const extra = method.hyper(moment.step, schedule);
      return {
        ...optimizer.hyper('backbone', {
          rate: learningRate(moment),
          weightDecay,
          step: Math.max(0, moment.step - schedule.warmUp + 1),
        }),
        ...optimizer.hyper('heads', {
          rate: numberOf(settings, 'headRate') * rateShare(moment),
          weightDecay,
          step: moment.step + 1,
        }),
        ...Object.fromEntries(Object.entries(extra).map(([name, value]) => [name, scalar(value)])),
      };
    },
    random: (generator) => drawViewRandom(context.views, views * batch, generator),
    backboneOf: (state) => stripPrefix(state, online + backbonePrefix),
  };
}
