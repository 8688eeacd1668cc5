import { closeSync, fsyncSync, openSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';

/** What a commit cannot be faster than, beside what is measured: the disk and the processors are shared with all that goes on. */
export interface Syncs {
  /** Milliseconds within which 95 of 100 writes were on the disk. */
  end(): Promise<number>;
}

/** Pages that a label's commit adds to the database's log, and that the log has before it begins anew. */
const pageBytes = 4096;
const commitPages = 10;
const logPages = 1000;

/**
 * Writes as a label's commit does, page by page behind what is there, and waits for the disk, again and again on a
 * thread of its own, until it is ended.
 */
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
  const page = Buffer.alloc(pageBytes, 1);
  const times: number[] = [];
  let at = 0;
  const timer = setInterval(() => {
    const begun = performance.now();
    for (let i = 0; i < commitPages; i++) writeSync(handle, page, 0, pageBytes, (at + i) * pageBytes);
    fsyncSync(handle);
    at = (at + commitPages) % logPages;
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
