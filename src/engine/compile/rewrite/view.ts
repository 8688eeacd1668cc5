import { liveNodes, producers } from '../ir.ts';
import type { Graph, Node, Value } from '../ir.ts';

/** Who computes and who reads each value of a graph. */
export class GraphView {
  readonly nodes: readonly Node[];
  readonly #producers: Map<Value, Node>;
  readonly #readers = new Map<Value, Node[]>();
  readonly #outputs: Set<Value>;

  constructor(graph: Graph) {
    this.nodes = liveNodes(graph.nodes, graph.outputs.values());
    this.#producers = producers(this.nodes);
    this.#outputs = new Set(graph.outputs.values());
    for (const node of this.nodes)
      for (const [, value] of node.inputs) this.#readers.set(value, [...(this.#readers.get(value) ?? []), node]);
  }

  /** The kernel that computes `value`, if it has this name. */
  producer(value: Value, kernel: string): Node | undefined {
    const node = this.#producers.get(value);
    return node?.kernel === kernel ? node : undefined;
  }

  readers(value: Value): readonly Node[] {
    return this.#readers.get(value) ?? [];
  }

  /** The one kernel that reads `value`, if nothing else needs it. */
  onlyReader(value: Value): Node | undefined {
    const readers = this.readers(value);
    return readers.length === 1 && !this.#outputs.has(value) ? readers[0] : undefined;
  }
}

export function inputOf(node: Node, name: string): Value | undefined {
  return node.inputs.find(([key]) => key === name)?.[1];
}
