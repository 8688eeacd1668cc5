import { Worker } from 'node:worker_threads';
import { AppError, type ErrorShape } from '../../contract/errors.ts';
import type { Tell } from './draw.ts';
import type { MapFiles } from './map-file.ts';

export interface DrawQuestion {
  readonly files: MapFiles;
  readonly features: readonly string[];
  readonly images: Int32Array;
  /** Points of the map it is to be compared with; null where there is none. */
  readonly before: string | null;
}
export type DrawAnswer =
  | { readonly kind: 'progress'; readonly stage: 'fit' | 'place'; readonly share: number }
  | { readonly kind: 'done' }
  | { readonly kind: 'failed'; readonly error: ErrorShape };

const threadFile = new URL('./map-thread.ts', import.meta.url);

/** Draws a map and writes it. @throws AppError what the thread threw, `process.died`; the signal's reason when aborted */
export async function drawInThread(question: DrawQuestion, tell: Tell, signal: AbortSignal): Promise<void> {
  signal.throwIfAborted();
  const worker = new Worker(threadFile, { workerData: question });
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const stop = (): void => reject(signal.reason);
  signal.addEventListener('abort', stop);
  worker.on('message', (answer: DrawAnswer) => {
    if (answer.kind === 'progress') tell(answer.stage, answer.share);
    else if (answer.kind === 'done') resolve();
    else reject(AppError.fromShape(answer.error));
  });
  worker.on('error', reject);
  worker.on('exit', () => reject(new AppError('process.died')));
  try {
    await promise;
  } finally {
    signal.removeEventListener('abort', stop);
    await worker.terminate();
  }
}
