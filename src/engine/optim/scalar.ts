import { leaf } from '../nn/tree.ts';
import type { HostTensor, HostTree, TensorSpec, Tree, TreeSpec } from '../nn/types.ts';

/** A hyper-parameter on its way into a step. */
export const scalar = (value: number): HostTensor => ({ shape: [], dtype: 'float32', data: Float32Array.of(value) });

export const scalarSpec: TensorSpec = { shape: [], dtype: 'float32' };

/** The scalar inputs of an optimizer, one set per group of parameters. */
export function scalarInputs<const I extends string>(optimizer: string, inputs: readonly I[]) {
  const nameOf = (group: string, input: I): string => `${optimizer}.${group}.${input}`;
  return {
    spec: (groups: readonly string[]): TreeSpec =>
      Object.fromEntries(groups.flatMap((group) => inputs.map((input) => [nameOf(group, input), scalarSpec]))),
    values: (group: string, values: Readonly<Record<I, number>>): HostTree =>
      Object.fromEntries(inputs.map((input) => [nameOf(group, input), scalar(values[input])])),
    /** Those of a group inside a step. */
    of:
      (hyper: Tree, group: string) =>
      (input: I): Tree[string] =>
        leaf(hyper, nameOf(group, input)),
  };
}
