import { createExecutor } from '../../../src/engine/runtime/executor.ts';
import type {
  CompiledProgram,
  Executor,
  HostTensor,
  HostTree,
  Program,
  StepInputs,
} from '../../../src/engine/nn/types.ts';

export type ProgramInputs = Omit<StepInputs<HostTree>, 'state'>;

/** Distances of the lowered program from the eager one after one step. */
export interface StepDistance {
  /** ‖a − b‖ / ‖b‖ per metric, worst of all; norms floored at 1e-6 of the largest metric of the same run. */
  readonly metrics: number;
  /** |loss − loss₀| / max(|loss₀|, 1e-6), where the program tells a loss. */
  readonly loss: number;
  /** Change of each state entry by this step, against eager's change: ‖Δ − Δ₀‖ / ‖Δ₀‖ with norms floored at 1e-6 of the largest. */
  readonly change: number;
  /** Which entry has the worst change. */
  readonly worst: string;
  /** The same of the optimizer's first moments alone: after step 1 the gradients, up to a factor. */
  readonly gradients: number;
  /** The state itself: ‖s − s₀‖ / ‖s₀‖, worst entry. */
  readonly state: number;
}
export interface Parity {
  readonly steps: readonly StepDistance[];
  /** The same distances between eager and eager with every float of the state changed by up to 1e-7 of itself. */
  readonly perturbed: readonly StepDistance[];
}

const norm = (values: ArrayLike<number>): number => Math.sqrt(Array.from(values).reduce((sum, v) => sum + v * v, 0));
const minus = (a: ArrayLike<number>, b: ArrayLike<number>): number[] => Array.from(a, (v, i) => v - (b[i] as number));

/** Worst ‖a − b‖ / ‖b‖ over the entries, norms floored at 1e-6 of the largest. */
function distance(
  a: Record<string, ArrayLike<number>>,
  b: Record<string, ArrayLike<number>>,
): { worst: number; key: string } {
  const floor = 1e-6 * Math.max(1e-30, ...Object.values(b).map(norm));
  let found = { worst: 0, key: '' };
  for (const [key, expected] of Object.entries(b)) {
    const got = a[key];
    if (!got || got.length !== expected.length) return { worst: Infinity, key };
    const error = norm(minus(got, expected)) / Math.max(norm(expected), floor);
    if (!(error <= found.worst)) found = { worst: Number.isNaN(error) ? Infinity : error, key };
  }
  return found;
}

const dataOf = (tree: HostTree): Record<string, HostTensor['data']> =>
  Object.fromEntries(Object.entries(tree).map(([key, tensor]) => [key, tensor.data]));

/** What a program told, and its state, step by step. */
export interface Trajectory {
  readonly metrics: HostTree[];
  readonly states: HostTree[];
}

async function follow(
  compiled: CompiledProgram,
  state: HostTree,
  inputs: readonly ProgramInputs[],
  leftOut: (entry: string) => boolean,
): Promise<Trajectory> {
  const read = async (): Promise<HostTree> =>
    Object.fromEntries(Object.entries(await compiled.read()).filter(([entry]) => !leftOut(entry)));
  await compiled.load(state);
  const metrics: HostTree[] = [];
  const states: HostTree[] = [await read()];
  for (const step of inputs) {
    metrics.push(await compiled.run(step));
    states.push(await read());
  }
  return { metrics, states };
}

function compare(a: Trajectory, b: Trajectory): StepDistance[] {
  return b.metrics.map((expected, i) => {
    const got = a.metrics[i] as HostTree;
    const changes = (t: Trajectory) =>
      Object.fromEntries(
        Object.entries(t.states[i + 1] as HostTree).map(([key, after]) => [
          key,
          minus(after.data, (t.states[i] as HostTree)[key]?.data ?? []),
        ]),
      );
    const change = distance(changes(a), changes(b));
    const moments = (all: Record<string, number[]>) =>
      Object.fromEntries(Object.entries(all).filter(([key]) => /^slots\.(adamw\.mean|sgd\.momentum)\./.test(key)));
    const loss = expected['loss']?.data[0];
    return {
      metrics: distance(dataOf(got), dataOf(expected)).worst,
      loss: loss === undefined ? 0 : Math.abs((got['loss']?.data[0] ?? NaN) - loss) / Math.max(Math.abs(loss), 1e-6),
      change: change.worst,
      worst: change.key,
      gradients: distance(moments(changes(a)), moments(changes(b))).worst,
      state: distance(dataOf(a.states[i + 1] as HostTree), dataOf(b.states[i + 1] as HostTree)).worst,
    };
  });
}

/** `tree` with every float changed by up to 1e-7 of itself, by a fixed rule. */
function perturb(tree: HostTree): HostTree {
  let word = 1;
  const next = () => {
    word = (Math.imul(word, 1664525) + 1013904223) >>> 0;
    return word / 2 ** 31 - 1;
  };
  return Object.fromEntries(
    Object.entries(tree).map(([key, tensor]) => [
      key,
      tensor.dtype === 'float32'
        ? { ...tensor, data: Float32Array.from(tensor.data, (v) => v * (1 + 1.2e-7 * next())) }
        : tensor,
    ]),
  );
}

const none = (): boolean => false;

/** What `program` does eagerly from `state`. */
export async function eagerly(
  program: Program,
  state: HostTree,
  inputs: readonly ProgramInputs[],
  leftOut: (entry: string) => boolean = none,
): Promise<Trajectory> {
  const eager = await createExecutor('eager');
  try {
    return await follow(await eager.compile(program), state, inputs, leftOut);
  } finally {
    await eager.dispose();
  }
}

/** How far `program` is, lowered, from what it does eagerly. */
export async function distancesFrom(
  expected: Trajectory,
  program: Program,
  state: HostTree,
  inputs: readonly ProgramInputs[],
  executor: Executor,
  leftOut: (entry: string) => boolean = none,
): Promise<StepDistance[]> {
  const compiled = await executor.compile(program);
  const fromGraph = await follow(compiled, state, inputs, leftOut);
  await compiled.dispose();
  return compare(fromGraph, expected);
}

/** How far eager is from itself under a perturbation of 1e-7: what rounding alone comes to. */
export async function perturbedFrom(
  expected: Trajectory,
  program: Program,
  state: HostTree,
  inputs: readonly ProgramInputs[],
  leftOut: (entry: string) => boolean = none,
): Promise<StepDistance[]> {
  return compare(await eagerly(program, perturb(state), inputs, leftOut), expected);
}

/**
 * Runs `program` for as many steps as there are inputs, lowered and eagerly from the same state, and says how far they
 * are apart, beside how far eager is from itself under a perturbation of 1e-7.
 * Pass `executor` to try another one than the default of this machine. State entries in `leftOut` are not compared.
 */
export async function compareProgram(
  program: Program,
  state: HostTree,
  inputs: readonly ProgramInputs[],
  executor?: Executor,
  leftOut?: (entry: string) => boolean,
): Promise<Parity> {
  const lowered = executor ?? (await createExecutor('onnx'));
  try {
    const expected = await eagerly(program, state, inputs, leftOut);
    const steps = await distancesFrom(expected, program, state, inputs, lowered, leftOut);
    return { steps, perturbed: await perturbedFrom(expected, program, state, inputs, leftOut) };
  } finally {
    if (!executor) await lowered.dispose();
  }
}
