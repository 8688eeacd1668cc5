import type { OnnxNode } from './encode.ts';

const ELEMENTWISE = new Set(['Add', 'Sub', 'Mul', 'Div']);
/** Ops whose result is the same memory under another name. */
const VIEWS = new Set(['Reshape', 'Identity']);

/**
 * Pairs of an input and an output that may be one buffer: an elementwise op makes the output, and whatever reads the
 * input is done before it, or is that op itself.
 * @param nodes in the order of execution
 * @param pairs input and output of equal shape
 */
export function writableInPlace(
  nodes: readonly OnnxNode[],
  pairs: readonly (readonly [input: string, output: string])[],
): Set<string> {
  const producer = new Map(nodes.flatMap((node) => node.outputs.map((name) => [name, node] as const)));
  const readers = new Map<string, OnnxNode[]>();
  for (const node of nodes) for (const name of node.inputs) readers.set(name, [...(readers.get(name) ?? []), node]);
  /** What reads a tensor, under whichever name. */
  const readersOf = (name: string): OnnxNode[] =>
    (readers.get(name) ?? []).flatMap((node) => [
      node,
      ...(VIEWS.has(node.op) && node.inputs[0] === name ? node.outputs.flatMap(readersOf) : []),
    ]);
  const safe = new Set<string>();
  for (const [input, output] of pairs) {
    const last = producer.get(output);
    if (!last || !ELEMENTWISE.has(last.op)) continue;
    const waiting = new Set(readersOf(input));
    waiting.delete(last);
    const seen = new Set<OnnxNode>([last]);
    const pending = [last];
    for (let node = pending.pop(); node && waiting.size > 0; node = pending.pop())
      for (const name of node.inputs) {
        const earlier = producer.get(name);
        if (!earlier || seen.has(earlier)) continue;
        seen.add(earlier);
        waiting.delete(earlier);
        pending.push(earlier);
      }
    if (waiting.size === 0) safe.add(input);
  }
  return safe;
}
