import type * as tf from '@tensorflow/tfjs';

/** A named tree of tensors, flat, with dotted names ("blocks.0.0.conv.weight"). */
export type Tree = Record<string, tf.Tensor>;

/** `uint8`: only of what a program is given and casts; TF.js has no such tensors and sees `int32`. */
export type DType = 'float32' | 'int32' | 'bool' | 'uint8';
export interface TensorSpec {
  readonly shape: readonly number[];
  readonly dtype: DType;
}
export type TreeSpec = Readonly<Record<string, TensorSpec>>;

/** A tensor on the host: row-major values. */
export interface HostTensor {
  readonly shape: readonly number[];
  readonly dtype: DType;
  readonly data: Float32Array | Int32Array | Uint8Array;
}
export type HostTree = Record<string, HostTensor>;

export interface StepInputs<T> {
  /** Parameters, optimizer slots, EMA targets: what lives across steps. */
  readonly state: T;
  /** Images, labels, weights of this step. */
  readonly batch: T;
  /** Every hyper-parameter, as a scalar: a JS number would be frozen at trace time. */
  readonly hyper: T;
  /** Every random number, drawn outside from the counter-based generator. */
  readonly random: T;
}

export interface StepOutputs<T> {
  /** New values of state entries. An entry that is absent is unchanged. */
  readonly state: T;
  /** Everything else the step tells: loss, features, probabilities. */
  readonly metrics: T;
}

/**
 * A pure function over named trees, written with TF.js ops only. It is traced once and lowered to a graph,
 * or run eagerly; both must give the same numbers.
 */
export interface Program {
  readonly name: string;
  readonly signature: StepInputs<TreeSpec>;
  step(inputs: StepInputs<Tree>): StepOutputs<Tree>;
}

/** Runs programs. One implementation lowers to ONNX Runtime, one runs TF.js eagerly. */
export interface Executor {
  /** For people and records, such as "cpu (onnxruntime 1.30.0, 2 threads)". */
  readonly name: string;
  compile(program: Program): Promise<CompiledProgram>;
  dispose(): Promise<void>;
}

export interface CompiledProgram {
  /** Sets state entries. Every entry of the signature must have been set before the first run. */
  load(state: HostTree): Promise<void>;
  /** One step: state is updated inside, metrics come back on the host. */
  run(inputs: Omit<StepInputs<HostTree>, 'state'>): Promise<HostTree>;
  /** A copy of the whole state on the host. */
  read(): Promise<HostTree>;
  dispose(): Promise<void>;
}
