import { compositeOf } from '../composite.ts';
import type { Graph, Value } from '../ir.ts';
import { encodeModel } from '../onnx/encode.ts';
import type { OnnxModel, OnnxNode, OnnxPort } from '../onnx/encode.ts';
import { writableInPlace } from '../onnx/in-place.ts';
import { divide } from '../onnx/prologue.ts';
import { Lowering } from './lowering.ts';
import type { LoweringOptions } from './lowering.ts';
import { filtersInBlocks } from './blocked/assign.ts';
import { FILTER } from './blocked/filters.ts';
import { blockedRules } from './blocked/rules.ts';
import { portableRules } from './portable/rules.ts';
import { fuseConvolutions } from '../rewrite/fuse-convolution.ts';
import { reluGradients } from '../rewrite/relu-gradient.ts';

export interface LoweredProgram {
  /** @param carried shapes of what the prologue makes */
  model(carried: Readonly<Record<string, readonly number[]>>): OnnxModel;
  /** Inputs that outputs depend on: `state.*`, `batch.*`, `hyper.*`, `random.*`. */
  readonly inputs: readonly OnnxPort[];
  /** Further inputs of the model: what another one makes of the state that no step updates. */
  readonly prologue: Prologue | null;
  /** State whose new value may be written over the old one. */
  readonly inPlace: ReadonlySet<string>;
  /** `state.*` and `metrics.*`, by key; the tensor's name in the model is another. */
  readonly outputs: readonly (OnnxPort & { readonly key: string; readonly shape: readonly number[] })[];
  /** The shape of state that lies in blocks, by its name: `moveFilter` takes it there and back. */
  readonly inBlocks: ReadonlyMap<string, readonly number[]>;
  readonly operators: Readonly<Record<string, number>>;
}

export interface Prologue {
  readonly model: Uint8Array;
  readonly inputs: readonly OnnxPort[];
  readonly outputs: readonly string[];
}

/** One ONNX model for a traced program, and one for what can be computed once. Kernels no output depends on are not emitted. */
export function lower(traced: Graph, options: LoweringOptions = {}): LoweredProgram {
  const graph = fuseConvolutions(reluGradients(traced));
  const lowering = new Lowering(options);
  const rules = options.block === undefined ? portableRules : { ...portableRules, ...blockedRules };
  const { nodes } = graph;
  const used = new Set<Value>(graph.outputs.values());
  for (const node of nodes) for (const [, value] of node.inputs) used.add(value);
  const inBlocks = filtersInBlocks(graph, options.block);
  const shapeOf = (key: string, { shape }: Value) => inBlocks.get(key) ?? shape;
  const layoutOf = (key: string) => (inBlocks.has(key) ? FILTER : undefined);
  const inputs: OnnxPort[] = [];
  for (const [name, value] of graph.inputs) {
    if (!used.has(value)) continue;
    inputs.push({ name, type: value.dtype, shape: shapeOf(name, value) });
    lowering.set(value, name, layoutOf(name));
  }
  for (const node of nodes) {
    const rule = compositeOf(node.kernel)?.lower ?? rules[node.kernel];
    if (!rule) throw new Error(`kernel ${node.kernel} has no lowering`);
    rule(lowering, node, Object.fromEntries(node.inputs));
  }
  const outputs = [...graph.outputs].map(([key, value]) => {
    const name = lowering.graph.output(lowering.get(value, layoutOf(key)), `out.${key}`);
    return { key, name, type: value.dtype, shape: shapeOf(key, value) };
  });
  const operators: Record<string, number> = {};
  for (const { op } of lowering.graph.nodes) operators[op] = (operators[op] ?? 0) + 1;
  const whole = lowering.graph.model(graph.name, inputs, outputs);
  const updated = new Map(outputs.map(({ key, name }) => [key, name]));
  const fixed = inputs.filter(({ name }) => name.startsWith('state.') && !updated.has(name));
  const { before, after, carried } = divide(
    whole.nodes,
    new Set(fixed.map(({ name }) => name)),
    new Set(whole.constants.map(({ name }) => name)),
    new Set(updated.values()),
  );
  const pairs = inputs.flatMap(({ name }) => {
    const output = updated.get(name);
    return output === undefined ? [] : [[name, output] as const];
  });
  const read = (nodes: readonly OnnxNode[]): Set<string> => new Set(nodes.flatMap((node) => node.inputs));
  const part = (nodes: readonly OnnxNode[], ins: readonly OnnxPort[], outs: readonly OnnxPort[]): OnnxModel => {
    const seen = read(nodes);
    return {
      ...whole,
      nodes,
      constants: whole.constants.filter(({ name }) => seen.has(name)),
      inputs: ins,
      outputs: outs,
    };
  };
  const floats = carried.map((name): OnnxPort => ({ name, type: 'float32', shape: null }));
  const [seenBefore, seenAfter] = [read(before), read(after)];
  const kept = inputs.filter(({ name }) => seenAfter.has(name));
  const first = inputs.filter(({ name }) => seenBefore.has(name));
  return {
    model: (carried) =>
      part(after, [...kept, ...floats.map((port) => ({ ...port, shape: carried[port.name] ?? null }))], outputs),
    inputs: kept,
    prologue:
      carried.length > 0 ? { model: encodeModel(part(before, first, floats)), inputs: first, outputs: carried } : null,
    inPlace: writableInPlace(after, pairs),
    outputs,
    inBlocks,
    operators,
  };
}
