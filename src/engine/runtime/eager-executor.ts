import { AppError } from '../../contract/errors.ts';
import { tf } from '../tf.ts';
import type { CompiledProgram, Executor, HostTensor, HostTree, Program, StepInputs, Tree } from '../nn/types.ts';
import { checkInputs, checkState } from './host.ts';

const toTensor = ({ data, shape, dtype }: HostTensor): tf.Tensor =>
  dtype === 'uint8'
    ? tf.tensor(Int32Array.from(data), [...shape], 'int32')
    : tf.tensor(data.slice(), [...shape], dtype);

async function toHost(tensor: tf.Tensor): Promise<HostTensor> {
  const data = await tensor.data();
  return { shape: tensor.shape, dtype: tensor.dtype as HostTensor['dtype'], data: data.slice() as HostTensor['data'] };
}

const toTree = (tree: HostTree): Tree =>
  Object.fromEntries(Object.entries(tree).map(([key, tensor]) => [key, toTensor(tensor)]));

/** A program run op by op; state is kept as TF.js tensors. */
class EagerProgram implements CompiledProgram {
  readonly #program: Program;
  readonly #backend: string;
  readonly #state = new Map<string, tf.Tensor>();

  constructor(program: Program, backend: string) {
    this.#program = program;
    this.#backend = backend;
  }

  #set(key: string, tensor: tf.Tensor): void {
    this.#state.get(key)?.dispose();
    this.#state.set(key, tf.keep(tensor));
  }

  async load(state: HostTree): Promise<void> {
    checkState(state, this.#program.signature.state);
    await tf.setBackend(this.#backend);
    for (const [key, tensor] of Object.entries(state)) this.#set(key, toTensor(tensor));
  }

  async run(inputs: Omit<StepInputs<HostTree>, 'state'>): Promise<HostTree> {
    checkInputs(this.#program, inputs);
    for (const key of Object.keys(this.#program.signature.state))
      if (!this.#state.has(key)) throw new AppError('runtime.state', { reason: `state.${key} was never set` });
    await tf.setBackend(this.#backend);
    const metrics = new Map<string, tf.Tensor>();
    tf.tidy(() => {
      const outputs = this.#program.step({
        state: Object.fromEntries(this.#state),
        batch: toTree(inputs.batch),
        hyper: toTree(inputs.hyper),
        random: toTree(inputs.random),
      });
      // Clones: two entries may be one tensor, and a state entry may be returned as it came.
      const updated = Object.entries(outputs.state).map(([key, tensor]) => [key, tensor.clone()] as const);
      for (const [key, tensor] of Object.entries(outputs.metrics)) metrics.set(key, tf.keep(tensor.clone()));
      for (const [key, tensor] of updated) this.#set(key, tensor);
    });
    const tree: HostTree = {};
    for (const [key, tensor] of metrics) {
      tree[key] = await toHost(tensor);
      tensor.dispose();
    }
    return tree;
  }

  async read(): Promise<HostTree> {
    const tree: HostTree = {};
    for (const [key, tensor] of this.#state) tree[key] = await toHost(tensor);
    return tree;
  }

  dispose(): Promise<void> {
    for (const tensor of this.#state.values()) tensor.dispose();
    this.#state.clear();
    return Promise.resolve();
  }
}

/** Runs programs on a TF.js backend as they are: the oracle of the lowering and the fallback. */
export class EagerExecutor implements Executor {
  readonly name: string;
  readonly #backend: string;
  readonly #programs = new Set<CompiledProgram>();

  constructor(backend: string, name: string) {
    this.#backend = backend;
    this.name = name;
  }

  compile(program: Program): Promise<CompiledProgram> {
    const compiled = new EagerProgram(program, this.#backend);
    this.#programs.add(compiled);
    return Promise.resolve(compiled);
  }

  async dispose(): Promise<void> {
    for (const program of this.#programs) await program.dispose();
    this.#programs.clear();
  }
}
