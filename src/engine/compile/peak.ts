import type { TensorSpec } from '../nn/types.ts';
import { liveNodes, sizeOf, type Graph, type Value } from './ir.ts';

/** Kernels whose result is the same memory in another shape. */
const views: ReadonlySet<string> = new Set(['Reshape', 'Identity']);

/** Bytes of a tensor's elements. */
export const bytesOf = ({ shape, dtype }: TensorSpec): number =>
  sizeOf(shape) * (dtype === 'float32' || dtype === 'int32' ? 4 : 1);

/**
 * Most bytes that what a graph computes takes at a time, where each value is given up after its last use. Inputs and
 * constants are not counted: they are there before and after.
 */
export function peakBytes({ nodes, outputs }: Graph): number {
  const live = liveNodes(nodes, outputs.values());
  const memory = new Map<Value, Value>();
  const memoryOf = (value: Value): Value => memory.get(value) ?? value;
  for (const { kernel, inputs, outputs: made } of live) {
    const [source] = inputs;
    if (views.has(kernel) && source && made[0]) memory.set(made[0], memoryOf(source[1]));
  }
  const lastUse = new Map<Value, number>();
  live.forEach(({ inputs }, at) => {
    for (const [, value] of inputs) lastUse.set(memoryOf(value), at);
  });
  for (const value of outputs.values()) lastUse.set(memoryOf(value), live.length);
  const ending = Map.groupBy(lastUse.keys(), (value) => lastUse.get(value));
  let held = 0;
  let most = 0;
  live.forEach(({ outputs: made }, at) => {
    for (const value of made) if (!memory.has(value)) held += bytesOf(value);
    most = Math.max(most, held);
    for (const value of ending.get(at) ?? []) if (value.kind === 'node') held -= bytesOf(value);
    // What nobody reads.
    for (const value of made) if (!memory.has(value) && !lastUse.has(value)) held -= bytesOf(value);
  });
  return most;
}
