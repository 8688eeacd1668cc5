import type { AttributeValue, ElementType, OnnxModel, OnnxNode, OnnxPort, OnnxTensor } from '../onnx/encode.ts';

export const MICROSOFT = 'com.microsoft';
export const NCHWC = 'com.microsoft.nchwc';

type NodeAttributes = Readonly<Record<string, AttributeValue>>;
const SHARED_CONSTANT_LIMIT = 64;

/** Grows an ONNX graph. Equal nodes and equal small constants are emitted once. */
export class GraphBuilder {
  readonly nodes: OnnxNode[] = [];
  readonly constants: OnnxTensor[] = [];
  #names = 0;
  #shared = new Map<string, string>();
  #emitted = new Map<string, readonly string[]>();
  #domains = new Set<string>();
  #computed = new Set<string>();
  #outputs = new Set<string>();

  fresh(prefix: string): string {
    return `${prefix}_${this.#names++}`;
  }

  /** Emits a node with one result and returns its name. */
  emit(op: string, inputs: readonly string[], attributes: NodeAttributes = {}, domain = ''): string {
    return this.emitMany(op, inputs, 1, attributes, domain)[0] as string;
  }

  emitMany(
    op: string,
    inputs: readonly string[],
    results: number,
    attributes: NodeAttributes = {},
    domain = '',
  ): readonly string[] {
    const key = `${domain}|${op}|${inputs.join()}|${results}|${JSON.stringify(attributes)}`;
    const known = this.#emitted.get(key);
    if (known) return known;
    const outputs = Array.from({ length: results }, () => this.fresh(op));
    this.nodes.push({ op, inputs, outputs, attributes, domain });
    if (domain) this.#domains.add(domain);
    this.#emitted.set(key, outputs);
    for (const output of outputs) this.#computed.add(output);
    return outputs;
  }

  constant(shape: readonly number[], data: OnnxTensor['data'], type: ElementType): string {
    const key = data.length <= SHARED_CONSTANT_LIMIT ? `${type}|${shape.join()}|${data.join()}` : undefined;
    const known = key && this.#shared.get(key);
    if (known) return known;
    const name = this.fresh('constant');
    this.constants.push({ name, type, shape, data });
    if (key) this.#shared.set(key, name);
    return name;
  }

  float(value: number): string {
    return this.constant([], Float32Array.of(value), 'float32');
  }

  ints(values: readonly number[]): string {
    return this.constant([values.length], BigInt64Array.from(values.map((v) => BigInt(v))), 'int64');
  }

  reshape(x: string, shape: readonly number[]): string {
    return this.emit('Reshape', [x, this.ints(shape)]);
  }

  /**
   * Makes `name` an output of the graph and returns the output's name: that of the node that computes it, or of a copy
   * where it is an input, a constant or an output already.
   */
  output(name: string, copy: string): string {
    const computed = this.#computed.has(name);
    if (computed && !this.#outputs.has(name)) {
      this.#outputs.add(name);
      return name;
    }
    this.nodes.push({ op: 'Identity', inputs: [name], outputs: [copy], attributes: {}, domain: '' });
    return copy;
  }

  model(name: string, inputs: readonly OnnxPort[], outputs: readonly OnnxPort[]): OnnxModel {
    return {
      name,
      opset: 18,
      domains: [...this.#domains],
      nodes: this.nodes,
      constants: this.constants,
      inputs,
      outputs,
    };
  }
}
