import { elementTypes } from '../onnx/encode.ts';
import type { ElementType } from '../onnx/encode.ts';
import type { Node, Value } from '../ir.ts';
import type { Lowering } from './lowering.ts';

/** Emits the ONNX nodes of one kernel and places its results. */
export type LoweringRule = (lowering: Lowering, node: Node, inputs: Readonly<Record<string, Value>>) => void;
export type LoweringRules = Readonly<Record<string, LoweringRule>>;

/** Input of a kernel by name; its absence is a bug of the rule. */
export function need(inputs: Readonly<Record<string, Value>>, name: string): Value {
  const value = inputs[name];
  if (!value) throw new Error(`kernel input ${name} is missing`);
  return value;
}

export function result(node: Node, index = 0): Value {
  const value = node.outputs[index];
  if (!value) throw new Error(`${node.kernel} has no result ${index}`);
  return value;
}

export const cast = (lowering: Lowering, name: string, to: ElementType): string =>
  lowering.graph.emit('Cast', [name], { to: elementTypes[to] });
