import type { DType } from '../nn/types.ts';

export type Values = Float32Array | Int32Array | Uint8Array;

/** A tensor that does not exist yet: what a kernel will compute, an input, or a constant. */
export class Value {
  readonly kind: 'input' | 'constant' | 'node';
  readonly shape: readonly number[];
  readonly dtype: DType;
  readonly id: number;
  /** Inputs only. */
  readonly name: string | undefined;
  /** Constants only: all elements, unless they are all equal. */
  readonly values: Values | undefined;
  /** Constants only: the value of every element. */
  readonly splat: number | undefined;
  /** Results of kernels only. */
  node: Node | undefined;
  /** How many live tensors refer to it: TF.js counts references per data id. */
  references = 1;

  constructor(
    kind: Value['kind'],
    id: number,
    shape: readonly number[],
    dtype: DType,
    content: { name?: string; values?: Values; splat?: number } = {},
  ) {
    this.kind = kind;
    this.id = id;
    this.shape = [...shape];
    this.dtype = dtype;
    this.name = content.name;
    this.values = content.values;
    this.splat = content.splat;
  }
}

/** Attributes of a TF.js kernel as it was called. */
export type Attributes = Readonly<Record<string, unknown>>;

/** One call of a TF.js kernel. */
export interface Node {
  readonly kernel: string;
  readonly inputs: readonly (readonly [name: string, value: Value])[];
  readonly attributes: Attributes;
  readonly outputs: readonly Value[];
}

/** A traced program: kernels in the order of execution. */
export interface Graph {
  readonly name: string;
  /** `state.*`, `batch.*`, `hyper.*`, `random.*`. */
  readonly inputs: ReadonlyMap<string, Value>;
  readonly nodes: readonly Node[];
  /** `state.*` and `metrics.*`. */
  readonly outputs: ReadonlyMap<string, Value>;
}

/** Which kernel computes each value. */
export function producers(nodes: readonly Node[]): Map<Value, Node> {
  return new Map(nodes.flatMap((node) => node.outputs.map((output) => [output, node] as const)));
}

/** The kernels that outputs depend on, in order. */
export function liveNodes(nodes: readonly Node[], outputs: Iterable<Value>): Node[] {
  const producer = producers(nodes);
  const live = new Set<Node>();
  const pending = [...outputs];
  for (let value = pending.pop(); value; value = pending.pop()) {
    const node = producer.get(value);
    if (!node || live.has(node)) continue;
    live.add(node);
    for (const [, input] of node.inputs) pending.push(input);
  }
  return nodes.filter((node) => live.has(node));
}

export const sizeOf = (shape: readonly number[]): number => shape.reduce((a, b) => a * b, 1);
