import type { HostTree, Tree, TreeSpec } from '../nn/types.ts';

/** What a group of parameters gets at one step. */
export interface GroupRate {
  readonly rate: number;
  readonly weightDecay: number;
  /** Steps this group has been trained, this one included, from 1. 0 while it is held: its slots then stay as they are. */
  readonly step: number;
}

/**
 * An optimizer as a pure function over trees. Everything that changes from step to step reaches the graph as scalar
 * inputs, one set per group of parameters (such as backbone and heads).
 */
export interface Optimizer {
  readonly name: string;
  /** State of the optimizer for the parameters, all zeros at the start. */
  slots(params: TreeSpec): TreeSpec;
  hyperSpec(groups: readonly string[]): TreeSpec;
  hyper(group: string, rate: GroupRate): HostTree;
  /** @returns new values of exactly the parameters that have a gradient, and of their slots. */
  update(params: Tree, gradients: Tree, slots: Tree, hyper: Tree, groupOf: (name: string) => string): Tree;
}
