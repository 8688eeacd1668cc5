import type * as Ort from 'onnxruntime-node';
import { AppError } from '../../contract/errors.ts';
import type { CompiledProgram, HostTensor, HostTree, Program, StepInputs, TensorSpec } from '../nn/types.ts';
import type { LoweredProgram } from '../compile/lower/lower.ts';
import { moveFilter } from '../compile/lower/blocked/filters.ts';
import type { DeviceState } from './device-state.ts';
import { explained } from './failures.ts';
import { checkInputs, checkState, copyOf, zeros } from './host.ts';

export const STATE = 'state.';

export interface Sessions {
  readonly step: Ort.InferenceSession;
  /** Makes what follows from the state that no step updates. */
  readonly prologue: Ort.InferenceSession | null;
  /** Where the provider keeps the state in its own memory between steps. */
  readonly device: DeviceState | null;
}

/**
 * A lowered program. State stays in the runtime's tensors between steps, filters in blocks where training is faster: an
 * entry that a step updates is written over where that is safe, else it has two buffers, read and written in turn. A
 * device makes the new value's buffer itself. After a step that fails the state is lost.
 */
export class OnnxProgram implements CompiledProgram {
  readonly #ort: typeof Ort;
  readonly #sessions: Sessions;
  readonly #program: Program;
  readonly #lowered: LoweredProgram;
  #current = new Map<string, Ort.Tensor>();
  #spare = new Map<string, Ort.Tensor>();
  /** Null where the state was loaded since. */
  #prepared: Readonly<Record<string, Ort.Tensor>> | null = null;
  readonly #provider: string;
  #disposed = false;

  constructor(ort: typeof Ort, sessions: Sessions, program: Program, lowered: LoweredProgram, provider: string) {
    this.#ort = ort;
    this.#sessions = sessions;
    this.#program = program;
    this.#lowered = lowered;
    this.#provider = provider;
  }

  #tensor({ shape, dtype, data }: HostTensor): Ort.Tensor {
    return new this.#ort.Tensor(dtype, data as Float32Array, [...shape]);
  }

  load(state: HostTree): Promise<void> {
    checkState(state, this.#program.signature.state);
    for (const [key, tensor] of Object.entries(state)) {
      const shape = this.#blocksOf(key);
      const data = tensor.data as Float32Array;
      const own = shape ? { ...tensor, shape, data: moveFilter(data, shape, false) } : copyOf(tensor);
      if (this.#sessions.device) this.#current.get(key)?.dispose();
      this.#current.set(key, this.#tensor(own));
    }
    this.#forget();
    return Promise.resolve();
  }

  /** A device's memory is not given back by itself. */
  #forget(): void {
    for (const tensor of Object.values(this.#prepared ?? {})) tensor.dispose();
    this.#prepared = null;
  }

  #blocksOf(key: string): readonly number[] | undefined {
    return this.#lowered.inBlocks.get(STATE + key);
  }

  /** What follows from the state that no step updates. */
  async #prepare(): Promise<Readonly<Record<string, Ort.Tensor>>> {
    const { prologue } = this.#lowered;
    if (!prologue || !this.#sessions.prologue) return {};
    const feeds = prologue.inputs.map(({ name }) => [name, this.#stateOf(splitName(name)[1])] as const);
    return this.#sessions.prologue.run(Object.fromEntries(feeds)).catch((error: unknown) => {
      throw explained(error, this.#provider);
    });
  }

  #stateOf(key: string): Ort.Tensor {
    const tensor = this.#current.get(key);
    if (!tensor) throw new AppError('runtime.state', { reason: `state.${key} was never set` });
    return tensor;
  }

  /** Where a step writes the new value, if the runtime is told. */
  #spareOf(key: string): Ort.Tensor | null {
    if (this.#sessions.device) return null;
    if (this.#lowered.inPlace.has(STATE + key)) return this.#stateOf(key);
    const known = this.#spare.get(key);
    if (known) return known;
    const spec = this.#program.signature.state[key] as TensorSpec;
    const spare = this.#tensor(zeros({ ...spec, shape: this.#blocksOf(key) ?? spec.shape }));
    this.#spare.set(key, spare);
    return spare;
  }

  async run(inputs: Omit<StepInputs<HostTree>, 'state'>): Promise<HostTree> {
    checkInputs(this.#program, inputs);
    for (const key of Object.keys(this.#program.signature.state)) this.#stateOf(key);
    await this.#sessions.device?.upload(this.#current);
    this.#prepared ??= await this.#prepare();
    const feeds: Record<string, Ort.Tensor> = { ...this.#prepared };
    for (const { name } of this.#lowered.inputs) {
      const [group, key] = splitName(name);
      feeds[name] = group === 'state' ? this.#stateOf(key) : this.#tensor(inputs[group as 'batch'][key] as HostTensor);
    }
    const fetches: Record<string, Ort.Tensor | null> = {};
    for (const { key, name } of this.#lowered.outputs)
      fetches[name] = key.startsWith(STATE) ? this.#spareOf(key.slice(STATE.length)) : null;
    const results = await this.#sessions.step.run(feeds, fetches).catch((error: unknown) => {
      throw explained(error, this.#provider);
    });
    const metrics: HostTree = {};
    for (const { key, name, shape, type } of this.#lowered.outputs) {
      if (key.startsWith(STATE)) this.#swap(key.slice(STATE.length), (fetches[name] ?? results[name]) as Ort.Tensor);
      else
        metrics[splitName(key)[1]] = {
          shape,
          dtype: type as HostTensor['dtype'],
          data: (results[name] as Ort.Tensor).data as Float32Array,
        };
    }
    return metrics;
  }

  /** What was just written becomes the state; what was read becomes the next buffer to write. */
  #swap(key: string, written: Ort.Tensor): void {
    const read = this.#current.get(key);
    if (read === written) return;
    this.#current.set(key, written);
    if (this.#sessions.device) read?.dispose();
    else if (read) this.#spare.set(key, read);
    else this.#spare.delete(key);
  }

  async read(): Promise<HostTree> {
    for (const key of Object.keys(this.#program.signature.state)) this.#stateOf(key);
    const onHost = (await this.#sessions.device?.download(this.#current)) ?? this.#current;
    const tree: HostTree = {};
    for (const [key, { shape, dtype }] of Object.entries(this.#program.signature.state)) {
      const blocks = this.#blocksOf(key);
      const data = onHost.get(key)?.data as Float32Array;
      tree[key] = blocks ? { shape, dtype, data: moveFilter(data, blocks, true) } : copyOf({ shape, dtype, data });
    }
    return tree;
  }

  async dispose(): Promise<void> {
    if (this.#disposed) return;
    this.#disposed = true;
    if (this.#sessions.device) for (const tensor of this.#current.values()) tensor.dispose();
    this.#current.clear();
    this.#spare.clear();
    this.#forget();
    await this.#sessions.step.release();
    await this.#sessions.prologue?.release();
    await this.#sessions.device?.release();
  }
}

function splitName(name: string): [group: string, key: string] {
  const dot = name.indexOf('.');
  return [name.slice(0, dot), name.slice(dot + 1)];
}
