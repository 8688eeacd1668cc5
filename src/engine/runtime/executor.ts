import { cpus } from 'node:os';
import { tf } from '../tf.ts';
import type { Executor } from '../nn/types.ts';
import { blockSize } from './block-size.ts';
import { EagerExecutor } from './eager-executor.ts';
import { OnnxExecutor } from './onnx-executor.ts';
import { loadRuntime } from './telemetry.ts';

export type EngineChoice = 'auto' | 'onnx' | 'eager';
export interface ExecutorOptions {
  /** Threads of one op; the number of cores where absent. */
  readonly threads?: number;
}

/** An executor for every program of a run. */
export async function createExecutor(choice: EngineChoice, options: ExecutorOptions = {}): Promise<Executor> {
  if (choice === 'eager') return new EagerExecutor('cpu', `eager (tfjs ${tf.version_core})`);
  const ort = await loadRuntime();
  const threads = options.threads ?? cpus().length;
  const version = ort.env.versions.node ?? ort.env.versions.common;
  const name = `cpu (onnxruntime ${version}, ${threads} threads)`;
  const block = await blockSize(ort);
  return new OnnxExecutor(ort, name, { provider: 'cpu', threads, lowering: block === undefined ? {} : { block } });
}
