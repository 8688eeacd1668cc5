import { closeSync, fsyncSync, openSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';

/** What a commit cannot be faster than, beside what is measured: the disk and the processors are shared with all that goes on. */
export interface Syncs {
  /** Milliseconds within which 95 of 100 small writes were on the disk. */
  end(): Promise<number>;
}

/** Writes 4 KB to a folder's disk and waits for it, again and again on a thread of its own, until it is ended. */
export function beginSyncs(folder: string, everyMs: number): Syncs {
  const worker = new Worker(new URL(import.meta.url), { workerData: { file: join(folder, 'sync-probe'), everyMs } });
  return {
    end: () =>
      new Promise((resolve, reject) => {
        worker.once('message', (times: number[]) => resolve(percentile(times, 95)));
        worker.once('error', reject);
        worker.postMessage('end');
      }),
  };
}

if (!isMainThread && parentPort) {
  const { file, everyMs } = workerData as { file: string; everyMs: number };
  const handle = openSync(file, 'w');
  const block = Buffer.alloc(4096, 1);
  const times: number[] = [];
  const timer = setInterval(() => {
    const begun = performance.now();
    writeSync(handle, block, 0, block.length, 0);
    fsyncSync(handle);
    times.push(performance.now() - begun);
  }, everyMs);
  parentPort.once('message', () => {
    clearInterval(timer);
    closeSync(handle);
    rmSync(file, { force: true });
    parentPort?.postMessage(times);
  });
}

/** The value below which `share` of 100 values lie; NaN of none. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.ceil((share / 100) * sorted.length) - 1)] ?? NaN;
}
