import type { Attributes } from '../ir.ts';
import type { DType, TensorSpec } from '../../nn/types.ts';

export type SpecMap = Readonly<Record<string, TensorSpec>>;

/** Shape and dtype of a kernel's results, from those of its inputs and its attributes. */
export type ShapeRule = (inputs: SpecMap, attributes: Attributes) => TensorSpec | readonly TensorSpec[];
export type ShapeRules = Readonly<Record<string, ShapeRule>>;

/** Input of a kernel by name; its absence is a bug of the rule. */
export function input(inputs: SpecMap, name: string): TensorSpec {
  const found = inputs[name];
  if (!found) throw new Error(`kernel input ${name} is missing`);
  return found;
}

export const spec = (shape: readonly number[], dtype: DType): TensorSpec => ({ shape, dtype });
export const float = (shape: readonly number[]): TensorSpec => ({ shape, dtype: 'float32' });

/** Rules that are one rule under several names. */
export const each = (names: readonly string[], rule: ShapeRule): ShapeRules =>
  Object.fromEntries(names.map((name) => [name, rule]));
