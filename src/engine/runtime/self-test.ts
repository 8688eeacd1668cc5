import type { Executor, HostTensor, HostTree } from '../nn/types.ts';
import { EagerExecutor } from './eager-executor.ts';
import { adaptationTrial } from './adaptation-trial.ts';
import { convolutionTrial, trainingTrial } from './self-test-programs.ts';
import type { Trial } from './self-test-programs.ts';

export interface SelfTest {
  readonly name: string;
  readonly passed: boolean;
  readonly detail: string;
}

/** Worst ‖a − b‖ / ‖b‖ that passes: rounding of sums in another order stays well below. */
const TOLERANCE = 1e-4;
const TIMED_STEPS = 3;
/** No further step is timed after so many milliseconds: a device that slow is not worth the wait. */
const ENOUGH = 5_000;

function distance(a: HostTensor | undefined, b: HostTensor): number {
  let difference = 0;
  let norm = 0;
  for (let i = 0; i < b.data.length; i++) {
    difference += ((a?.data[i] ?? NaN) - (b.data[i] as number)) ** 2;
    norm += (b.data[i] as number) ** 2;
  }
  return Math.sqrt(difference / Math.max(norm, 1e-12));
}

function worst(a: HostTree, b: HostTree): { error: number; key: string } {
  let found = { error: 0, key: '' };
  for (const [key, expected] of Object.entries(b)) {
    const error = distance(a[key], expected);
    if (!(error <= found.error)) found = { error, key };
  }
  return found;
}

async function outcome(executor: Executor, { program, state, inputs }: Trial, steps: number): Promise<HostTree> {
  const compiled = await executor.compile(program);
  await compiled.load(state);
  for (let step = 1; step < steps; step++) await compiled.run(inputs);
  const metrics = await compiled.run(inputs);
  const result = { ...metrics, ...(await compiled.read()) };
  await compiled.dispose();
  return result;
}

async function against(
  eager: Executor,
  executor: Executor,
  name: string,
  trial: Trial,
  steps: number,
): Promise<SelfTest> {
  try {
    const { error, key } = worst(await outcome(executor, trial, steps), await outcome(eager, trial, steps));
    const passed = error <= TOLERANCE;
    const where = key ? ` in ${key}` : '';
    return {
      name,
      passed,
      detail: `differs from eager by at most ${error.toExponential(1)} of the norm${passed ? '' : where}`,
    };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return { name, passed: false, detail: `stops with “${reason.slice(0, 200)}”` };
  }
}

/** Convolutions of many shapes, and a training step that goes on from what another one left, against eager. */
export async function selfTests(executor: Executor): Promise<SelfTest[]> {
  const eager = new EagerExecutor('cpu', 'self-test');
  const results = [
    await against(eager, executor, 'convolutions', convolutionTrial(), 1),
    await against(eager, executor, 'training step', trainingTrial(4, 10, 16), 2),
  ];
  await eager.dispose();
  return results;
}

/**
 * Steps per second of what people wait for: the default adaptation. A small step of made-up layers told another
 * order: it made WebGPU on a large card slower than the processor, where this one runs at twice its speed.
 */
export async function stepsPerSecond(executor: Executor): Promise<number> {
  const { program, state, inputs } = adaptationTrial();
  const compiled = await executor.compile(program);
  await compiled.load(state);
  await compiled.run(inputs);
  let fastest = Infinity;
  const began = performance.now();
  for (let i = 0; i < TIMED_STEPS && performance.now() - began < ENOUGH; i++) {
    const start = performance.now();
    await compiled.run(inputs);
    fastest = Math.min(fastest, performance.now() - start);
  }
  await compiled.dispose();
  return 1000 / fastest;
}
