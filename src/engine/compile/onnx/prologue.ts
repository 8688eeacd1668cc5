import type { OnnxNode } from './encode.ts';

/** Ops whose result is float32; others stay where they are. */
const FLOAT_OPS = new Set([
  'Abs',
  'Add',
  'Concat',
  'Div',
  'Exp',
  'Expand',
  'FusedMatMul',
  'Gather',
  'MatMul',
  'Max',
  'Min',
  'Mul',
  'Neg',
  'Pad',
  'Reciprocal',
  'ReduceMean',
  'ReduceSum',
  'Reshape',
  'Slice',
  'Sqrt',
  'Sub',
  'Transpose',
]);

export interface Divided {
  /** What depends on fixed inputs alone. */
  readonly before: readonly OnnxNode[];
  readonly after: readonly OnnxNode[];
  /** Float tensors that `before` makes and `after` reads. */
  readonly carried: readonly string[];
}

/**
 * Takes out of a graph what follows from inputs that stay as they are from run to run, such as filters that no step
 * updates: it is computed once.
 * @param nodes in the order of execution
 * @param outputs of the graph: what makes one stays
 */
export function divide(
  nodes: readonly OnnxNode[],
  fixed: ReadonlySet<string>,
  constants: ReadonlySet<string>,
  outputs: ReadonlySet<string>,
): Divided {
  const made = new Set<string>();
  const before = new Set<OnnxNode>();
  for (const node of nodes) {
    const read = node.inputs.filter((name) => name !== '');
    const follows = read.every((name) => fixed.has(name) || made.has(name) || constants.has(name));
    const isWork = read.some((name) => fixed.has(name) || made.has(name));
    if (!follows || !isWork || !FLOAT_OPS.has(node.op) || node.outputs.some((name) => outputs.has(name))) continue;
    before.add(node);
    for (const name of node.outputs) made.add(name);
  }
  const after = nodes.filter((node) => !before.has(node));
  const carried = new Set(after.flatMap(({ inputs }) => inputs.filter((name) => made.has(name))));
  return { before: [...before], after, carried: [...carried] };
}
