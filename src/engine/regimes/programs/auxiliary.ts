import type { Generator } from '../../data/random.ts';
import { bindObjective, onlineBackbone } from '../../methods/objective.ts';
import { numberOf } from '../../methods/settings.ts';
import type { AdaptContext, Objective } from '../../methods/types.ts';
import { leaf, select, stripPrefix, withPrefix } from '../../nn/tree.ts';
import type { HostTree, StepInputs, Tree, TreeSpec } from '../../nn/types.ts';
import type { Evaluated } from '../../optim/gradients.ts';
import { scalar, scalarSpec } from '../../optim/scalar.ts';

/** A method's loss that is added, weighed, to the supervised one. */
export interface Auxiliary {
  readonly objective: Objective;
  /** Settings of its method, the statistics those of the fine-tuning. */
  readonly settings: AdaptContext['settings'];
  readonly weight: number;
}

/** Weights of its teacher, and what it found out of the images before the first step. */
export interface AuxiliaryStart {
  readonly teacher: HostTree;
  readonly buffers: HostTree;
}

const own = 'auxiliary.';
const weight = `${own}weight`;

/** Names of the fine-tuning (`backbone.…`, `auxiliary.…`) as the objective knows them (`online.backbone.…`, …). */
const toObjective = <T>(tree: Readonly<Record<string, T>>): Record<string, T> => ({
  ...withPrefix(stripPrefix(tree, 'backbone.'), onlineBackbone),
  ...stripPrefix(tree, own),
});
/** The objective's own leaves under the fine-tuning's names: all but the backbone, which both share. */
const beside = <T>(tree: Readonly<Record<string, T>>): Record<string, T> =>
  withPrefix(
    select(tree, (name) => !name.startsWith(onlineBackbone)),
    own,
  );

/**
 * Any method's objective on the backbone that is fine-tuned, on the same images (Gidaris et al. 2019, Boosting Few-Shot
 * Visual Learning with Self-Supervision).
 */
export function bindAuxiliary(auxiliary: Auxiliary, context: Omit<AdaptContext, 'settings'>) {
  const { objective, settings } = auxiliary;
  const bound = bindObjective(objective, { ...context, settings });
  const hyperAt = (step: number, total: number) => objective.hyper(step, { total, warmUp: 0 });
  return {
    trained: beside(bound.trained) as TreeSpec,
    state: beside(bound.state) as TreeSpec,
    batch: bound.batch,
    hyperSpec: {
      [weight]: scalarSpec,
      ...Object.fromEntries(Object.keys(hyperAt(0, 1)).map((name) => [own + name, scalarSpec])),
    } as TreeSpec,
    randomSpec: withPrefix(objective.random, own) as TreeSpec,
    /** Rate of its own parameters. */
    rate: numberOf(settings, 'headRate'),
    initialState: (backbone: HostTree, random: Generator, { teacher, buffers }: AuxiliaryStart): HostTree =>
      beside({ ...bound.initialState(backbone, random, teacher), ...withPrefix(buffers, 'buffers.') }),
    hyper: (step: number, total: number): HostTree => ({
      [weight]: scalar(auxiliary.weight),
      ...Object.fromEntries(Object.entries(hyperAt(step, total)).map(([name, value]) => [own + name, scalar(value)])),
    }),
    draw: (generator: Generator): HostTree => withPrefix(objective.draw(generator), own),
    /** The unweighted loss as a function of parameters of the fine-tuning; `extra` holds its new buffers. */
    lossOf({ state, batch, hyper, random }: StepInputs<Tree>): (params: Tree) => Evaluated {
      const inputs = {
        state: toObjective(state),
        batch,
        hyper: stripPrefix(hyper, own),
        random: stripPrefix(random, own),
      };
      const loss = bound.lossOf(inputs, false);
      return (params) => {
        const { loss: value, extra } = loss(toObjective(params));
        return { loss: value, extra: withPrefix(stripPrefix(extra, 'updates.buffers.'), `${own}buffers.`) };
      };
    },
    weight: (hyper: Tree) => leaf(hyper, weight),
    /** New values of its target network. */
    follow: (state: Tree, updated: Tree, hyper: Tree): Tree =>
      beside(bound.follow(toObjective(state), toObjective(updated), stripPrefix(hyper, own))),
  };
}
