import type * as TF from '@tensorflow/tfjs';
import { tf } from '../tf.ts';
import { normalise } from '../augment/normalise.ts';
import { recordSpec, recordsOf } from '../augment/records.ts';
import type { Backbone } from '../backbones/types.ts';
import type { Generator } from '../data/random.ts';
import { leaf, stripPrefix, withPrefix } from '../nn/tree.ts';
import type { HostTree, StepInputs, Tree, TreeSpec } from '../nn/types.ts';
import { moveTowards } from '../optim/ema.ts';
import type { Evaluated } from '../optim/gradients.ts';
import { choiceOf } from './settings.ts';
import type { AdaptContext, Objective } from './types.ts';
import { eachView } from './view-inputs.ts';

const online = 'online.';
const target = 'target.';
const buffers = 'buffers.';
const backbonePrefix = 'backbone.';

/** Where the online backbone's parameters are in the state. */
export const onlineBackbone = online + backbonePrefix;

/** An objective on a backbone, without optimizer and schedule: specifications, first values, loss. */
export interface BoundObjective {
  /** Parameters that train: of the backbone and of the parts. */
  readonly trained: TreeSpec;
  /** The whole state but for the optimizer's slots. */
  readonly state: TreeSpec;
  readonly batch: TreeSpec;
  initialState(backbone: HostTree, random: Generator, teacher?: HostTree): HostTree;
  /**
   * The loss as a function of parameters that train. What does not depend on them is computed at once, outside the tape.
   * `extra`: `metrics.*`, `updates.*` (new values of state entries).
   * @param held the backbone does not train: one forward pass serves both networks
   */
  lossOf(inputs: StepInputs<Tree>, held: boolean): (params: Tree) => Evaluated;
  /** New values of the target network after `updated` came out of the optimizer. */
  follow(state: Tree, updated: Tree, hyper: Tree): Tree;
}

interface Look {
  readonly features: Record<string, TF.Tensor2D>;
  readonly maps: Record<string, TF.Tensor4D>;
  readonly updates: Tree;
}
const nothing: Look = { features: {}, maps: {}, updates: {} };

const joined = <T extends TF.Tensor>(parts: T[]): T => (parts.length > 1 ? tf.concat(parts) : (parts[0] as T));

/** Binds a method's objective to a backbone. */
export function bindObjective(objective: Objective, context: AdaptContext): BoundObjective {
  const { backbone, batch, recordSide, settings } = context;
  const statistics = choiceOf(settings, 'statistics', ['frozen', 'batch']);
  const backboneSpec = (trained: boolean): TreeSpec =>
    Object.fromEntries(
      backbone.params
        .filter(({ role }) => (role !== 'mean' && role !== 'variance') === trained)
        .map(({ name, shape }) => [backbonePrefix + name, { shape, dtype: 'float32' as const }]),
    );
  const partsSpec = (names: readonly string[]): TreeSpec =>
    Object.assign({}, ...names.map((name) => withPrefix(leaf(objective.parts, name).spec, `${name}.`)));
  const trained = withPrefix({ ...backboneSpec(true), ...partsSpec(Object.keys(objective.parts)) }, online);
  const followed = objective.target ? Object.keys({ ...backboneSpec(true), ...partsSpec(objective.target) }) : [];
  const state: TreeSpec = {
    ...trained,
    ...withPrefix(backboneSpec(false), online),
    ...Object.fromEntries(followed.map((name) => [target + name, leaf(trained, online + name)])),
    ...Object.fromEntries(
      (objective.teacher?.params ?? []).map(({ name, shape }) => [
        target + backbonePrefix + name,
        { shape, dtype: 'float32' as const },
      ]),
    ),
    ...withPrefix(objective.buffers ?? {}, buffers),
  };

  /** What the backbone says of sets of pictures; with batch statistics one picture after the other, but for `oneBatch`. */
  function look(params: Tree, images: Tree, sets: readonly string[]): Look {
    const features: Look['features'] = {};
    const maps: Look['maps'] = {};
    let updates: Tree = {};
    for (const set of sets) {
      const all = leaf(images, set) as TF.Tensor4D;
      const together = statistics === 'frozen' || objective.oneBatch?.includes(set);
      const pictures = together ? [all] : eachView(all, batch);
      const seen = pictures.map((picture) => {
        const pass = backbone.forward({ ...params, ...updates }, picture, statistics);
        updates = { ...updates, ...pass.updates };
        return pass;
      });
      features[set] = joined(seen.map((pass) => pass.features));
      maps[set] = joined(seen.map((pass) => pass.map));
    }
    return { features, maps, updates };
  }

  /** What a teacher says, by its own normalisation and statistics. */
  function taught(teacher: Backbone, params: Tree, pictures: Tree): Look {
    const passes = objective.sees.target.map((set) => {
      const images = normalise(leaf(pictures, set) as TF.Tensor4D, teacher.preprocessing);
      return [set, teacher.forward(params, images, 'frozen')] as const;
    });
    return {
      features: Object.fromEntries(passes.map(([set, pass]) => [set, pass.features])),
      maps: Object.fromEntries(passes.map(([set, pass]) => [set, pass.map])),
      updates: {},
    };
  }

  return {
    trained,
    state,
    batch: {
      ...recordSpec(batch, recordSide),
      ...objective.batch,
    },
    initialState(weights, random, teacher = weights) {
      const parts: HostTree = Object.assign(
        {},
        ...Object.entries(objective.parts).map(([name, part]) => withPrefix(part.initial(random), `${name}.`)),
      );
      const start = {
        ...withPrefix({ ...withPrefix(weights, backbonePrefix), ...parts }, online),
        ...(objective.teacher && withPrefix(teacher, target + backbonePrefix)),
        ...withPrefix(objective.initialBuffers?.(random) ?? {}, buffers),
      };
      return Object.fromEntries(
        Object.entries(state).map(([name, spec]) => {
          const follows = name.startsWith(target) && !(name in start);
          const source = follows ? online + name.slice(target.length) : name;
          const length = spec.shape.reduce((a, b) => a * b, 1);
          const data = source in start ? Float32Array.from(leaf(start, source).data) : new Float32Array(length);
          return [name, { ...spec, data }];
        }),
      );
    },
    lossOf({ state: values, batch: taken, hyper, random }, held) {
      const data = { ...taken, ...recordsOf(taken) };
      const pictures = objective.pictures(data, random);
      const { sees, teacher } = objective;
      const seen = new Set([...sees.online, ...(objective.target ? sees.target : [])]);
      const images = Object.fromEntries(
        [...seen].map((set) => [set, normalise(leaf(pictures, set), backbone.preprocessing)]),
      );
      const before = stripPrefix(values, onlineBackbone);
      const targetBackbone = { ...before, ...stripPrefix(values, target + backbonePrefix) };
      const fixed = held ? look(before, images, [...seen]) : null;
      const following = fixed ?? (objective.target ? look(targetBackbone, images, sees.target) : nothing);
      const aim = teacher ? taught(teacher, stripPrefix(values, target + backbonePrefix), pictures) : following;
      const part = (tree: Tree, prefix: string, name: string, x: TF.Tensor2D): TF.Tensor2D =>
        leaf(objective.parts, name).forward(stripPrefix(tree, `${prefix}${name}.`), x, x.shape[0] / batch);
      return (params) => {
        const pass = fixed ?? look({ ...before, ...stripPrefix(params, onlineBackbone) }, images, sees.online);
        const judged = objective.loss({
          online: pass.features,
          target: aim.features,
          maps: { online: pass.maps, target: aim.maps },
          pictures,
          part: (name, x) => part(params, online, name, x),
          targetPart: (name, x) => part(values, target, name, x),
          batch: data,
          random,
          hyper,
          buffers: stripPrefix(values, buffers),
        });
        const first = leaf(pass.features, sees.online[0] as string);
        return {
          loss: judged.loss,
          extra: {
            'metrics.embedding': tf.slice(first, [0, 0], [batch, -1]),
            ...withPrefix(judged.metrics ?? {}, 'metrics.'),
            ...withPrefix(pass.updates, `updates.${onlineBackbone}`),
            ...withPrefix(judged.buffers ?? {}, `updates.${buffers}`),
          },
        };
      };
    },
    follow(values, updated, hyper) {
      // A held backbone equals its target: only parts move then.
      const moving = followed.filter((name) => online + name in updated);
      if (moving.length === 0) return {};
      const pairs = moving.map((name) => [target + name, online + name] as const);
      return moveTowards(values, updated, pairs, leaf(hyper, 'targetShare'));
    },
  };
}
