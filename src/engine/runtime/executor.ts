import type { Device } from '../../contract/machine.ts';
import { AppError } from '../../contract/errors.ts';
import { tf } from '../tf.ts';
import type { Executor } from '../nn/types.ts';
import type { LoweringOptions } from '../compile/lower/lowering.ts';
import { blockSize } from './block-size.ts';
import { physicalCores } from './cores.ts';
import { openCuda } from './cuda.ts';
import { EagerExecutor } from './eager-executor.ts';
import { NATIVE, nativeTensorflow } from './native-tensorflow.ts';
import { OnnxExecutor } from './onnx-executor.ts';
import { probeAll } from './probe-all.ts';
import { keepsState } from './providers.ts';
import type { ProviderName } from './providers.ts';
import { selfTests } from './self-test.ts';
import { loadRuntime } from './telemetry.ts';

export type EngineChoice = 'auto' | 'onnx' | 'eager';
export interface ExecutorOptions {
  /** Threads of one op; as many as there are cores where absent. */
  readonly threads?: number;
  /** Instead of the fastest one that is offered. It is not tried first. */
  readonly provider?: ProviderName;
  /** `cpu`: no faster one is looked for. */
  readonly device?: Device;
}

/**
 * An executor for every program of a run.
 * `onnx` uses the fastest provider that passes its self-test, `auto` falls back to `eager`, which runs op by op.
 * @throws AppError `runtime.unavailable` where `onnx` passes no self-test, `runtime.telemetry` where it would report usage
 */
export async function createExecutor(choice: EngineChoice, options: ExecutorOptions = {}): Promise<Executor> {
  if (choice === 'eager') return createEagerExecutor();
  if (options.provider) return createProviderExecutor(options.provider, options.threads);
  const { device = 'auto' } = options;
  const made = chosen.get(device) ?? choose(device);
  chosen.set(device, made);
  const { provider, lowering, problem } = await made;
  if (problem === null) return onnxExecutor(provider, options.threads, lowering);
  if (choice === 'auto') return createEagerExecutor();
  throw new AppError('runtime.unavailable', { choice, reason: problem });
}

interface Choice {
  readonly provider: ProviderName;
  readonly lowering: LoweringOptions;
  /** Why none can be used. */
  readonly problem: string | null;
}

/** Made once per process. */
const chosen = new Map<Device, Promise<Choice>>();

/** The fastest provider that passed in a child; else the processor with the fastest lowering that passes here. */
async function choose(device: Device): Promise<Choice> {
  await loadRuntime();
  const probed = device === 'cpu' ? [] : await probeAll();
  const faster = probed.filter(({ name, offered }) => offered && name !== 'cpu');
  const fastest = faster.sort((a, b) => (b.speed ?? 0) - (a.speed ?? 0))[0];
  if (fastest) return { provider: fastest.name as ProviderName, lowering: {}, problem: null };
  const problems: string[] = [];
  for (const lowering of [await cpuLowering(), {}]) {
    const executor = await onnxExecutor('cpu', undefined, lowering);
    const failed = (await selfTests(executor)).filter((test) => !test.passed);
    await executor.dispose();
    if (!failed.length) return { provider: 'cpu', lowering, problem: null };
    problems.push(...failed.map((test) => `${test.name}: ${test.detail}`));
  }
  return { provider: 'cpu', lowering: {}, problem: problems.join('; ') };
}

/** Op by op: on the native TF.js where one is installed and opens, else in JavaScript. */
export function createEagerExecutor(): Executor {
  const { name } = nativeTensorflow();
  return name === null
    ? new EagerExecutor('cpu', `eager (tfjs ${tf.version_core})`)
    : new EagerExecutor(NATIVE, `eager (${name} ${tf.version_core})`);
}

/** An executor on one provider, untried. */
export async function createProviderExecutor(provider: ProviderName, threads?: number): Promise<Executor> {
  return onnxExecutor(provider, threads, provider === 'cpu' ? await cpuLowering() : {});
}

/** In blocks, where the processor's convolutions have some. */
export async function cpuLowering(): Promise<LoweringOptions> {
  const block = await blockSize(await loadRuntime());
  return block === undefined ? {} : { block };
}

async function onnxExecutor(
  provider: ProviderName,
  threads = physicalCores(),
  lowering: LoweringOptions,
): Promise<Executor> {
  const ort = await loadRuntime();
  if (provider === 'cuda') openCuda();
  const name = `${provider} (onnxruntime ${runtimeVersion(ort)}, ${threads} ${threads === 1 ? 'thread' : 'threads'})`;
  return new OnnxExecutor(ort, name, { provider, threads, lowering, keepsState: keepsState(provider) });
}

export const runtimeVersion = (ort: { env: { versions: { common: string; node?: string } } }): string =>
  ort.env.versions.node ?? ort.env.versions.common;
