import { tf } from '../tf.ts';
import type { Program, StepInputs, Tree, TreeSpec } from '../nn/types.ts';
import type { Graph, Value } from './ir.ts';
import { Recorder, recording, TRACE_BACKEND } from './trace-backend.ts';
import { TraceError } from './trace-error.ts';

/** A name's part of the inputs: `state`, `batch`, `hyper`, `random`. */
export const inputGroups = ['state', 'batch', 'hyper', 'random'] as const;

function switchTo(backend: string): void {
  void tf.setBackend(backend);
  if (tf.getBackend() !== backend) throw new TraceError(`the ${backend} backend cannot be entered at once`);
}

function inputTree(group: string, signature: TreeSpec): Tree {
  const tree: Tree = {};
  for (const [key, { shape, dtype }] of Object.entries(signature))
    tree[key] = tf
      .engine()
      .runKernel('TraceInput', {}, { name: `${group}.${key}`, shape: [...shape], dtype }) as tf.Tensor;
  return tree;
}

/** Math.random that tells where it was called from. */
function refuseRandom(): never {
  throw new TraceError(
    'a random number is drawn inside a program: it would be drawn once and frozen; take random numbers as inputs',
  );
}

/**
 * Runs a program once on a backend whose kernels only infer shapes, and returns what it would compute.
 * Throws TraceError where the program reads a value, draws a random number, uses a kernel without a shape rule,
 * or leaves a tensor behind.
 */
export function trace(program: Program): Graph {
  const recorder = new Recorder();
  const outputs = new Map<string, Value>();
  const backend = tf.getBackend() || 'cpu';
  const random = Math.random;
  const tensors = tf.memory().numTensors;
  switchTo(TRACE_BACKEND);
  Math.random = refuseRandom;
  try {
    recording(recorder, () =>
      tf.tidy(() => {
        const trees = Object.fromEntries(
          inputGroups.map((group) => [group, inputTree(group, program.signature[group])]),
        );
        const result = program.step(trees as unknown as StepInputs<Tree>);
        for (const [group, tree] of Object.entries(result) as ['state' | 'metrics', Tree][])
          for (const [key, tensor] of Object.entries(tree)) outputs.set(`${group}.${key}`, recorder.resolve(tensor));
      }),
    );
  } catch (error) {
    const missing = /Kernel '(\w+)' not registered for backend 'trace'/.exec(String(error));
    throw missing ? new TraceError(`kernel ${missing[1]} has no shape rule`) : error;
  } finally {
    Math.random = random;
    switchTo(backend);
  }
  checkOutputs(program, outputs);
  const left = tf.memory().numTensors - tensors;
  if (left !== 0) throw new TraceError(`${left} tensors are left behind by ${program.name}`);
  return recorder.graph(program.name, outputs);
}

function checkOutputs(program: Program, outputs: ReadonlyMap<string, Value>): void {
  for (const [name, value] of outputs) {
    if (!name.startsWith('state.')) continue;
    const expected = program.signature.state[name.slice('state.'.length)];
    if (!expected) throw new TraceError(`${program.name} returns ${name}, which is not in its signature`);
    if (expected.dtype !== value.dtype || expected.shape.join() !== value.shape.join())
      throw new TraceError(
        `${program.name} returns ${name} as ${value.dtype} [${value.shape.join()}], but takes ${expected.dtype} [${expected.shape.join()}]`,
      );
  }
}
