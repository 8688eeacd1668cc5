import { compositeOf } from '../composite.ts';
import type { Graph, Value } from '../ir.ts';
import { encodeModel } from '../onnx/encode.ts';
import type { OnnxPort } from '../onnx/encode.ts';
import { Lowering } from './lowering.ts';
import type { LoweringOptions } from './lowering.ts';
import { blockedRules } from './blocked/rules.ts';
import { portableRules } from './portable/rules.ts';
import { fuseConvolutions } from '../rewrite/fuse-convolution.ts';
import { reluGradients } from '../rewrite/relu-gradient.ts';

export interface LoweredProgram {
  readonly model: Uint8Array;
  /** Inputs that outputs depend on: `state.*`, `batch.*`, `hyper.*`, `random.*`. */
  readonly inputs: readonly OnnxPort[];
  /** `state.*` and `metrics.*`, by key; the tensor's name in the model is another. */
  readonly outputs: readonly (OnnxPort & { readonly key: string })[];
  readonly operators: Readonly<Record<string, number>>;
}

/** One ONNX model for a traced program. Kernels no output depends on are not emitted. */
export function lower(traced: Graph, options: LoweringOptions = {}): LoweredProgram {
  const graph = fuseConvolutions(reluGradients(traced));
  const lowering = new Lowering(options);
  const rules = options.block === undefined ? portableRules : { ...portableRules, ...blockedRules };
  const { nodes } = graph;
  const used = new Set<Value>(graph.outputs.values());
  for (const node of nodes) for (const [, value] of node.inputs) used.add(value);
  const inputs: OnnxPort[] = [];
  for (const [name, value] of graph.inputs) {
    if (!used.has(value)) continue;
    inputs.push({ name, type: value.dtype, shape: value.shape });
    lowering.set(value, name);
  }
  for (const node of nodes) {
    const rule = compositeOf(node.kernel)?.lower ?? rules[node.kernel];
    if (!rule) throw new Error(`kernel ${node.kernel} has no lowering`);
    rule(lowering, node, Object.fromEntries(node.inputs));
  }
  const outputs = [...graph.outputs].map(([key, value]) => {
    const name = lowering.graph.output(lowering.get(value), `out.${key}`);
    return { key, name, type: value.dtype, shape: value.shape };
  });
  const operators: Record<string, number> = {};
  for (const { op } of lowering.graph.nodes) operators[op] = (operators[op] ?? 0) + 1;
  return { model: encodeModel(lowering.graph.model(graph.name, inputs, outputs)), inputs, outputs, operators };
}
