import { closeSync, fsyncSync, openSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';

const writes = 200;

/** Milliseconds within which 95 of 100 small writes of a folder's disk are synced: what a commit cannot be faster than. */
export function syncMilliseconds(folder: string): number {
  const file = join(folder, 'sync-probe');
  const handle = openSync(file, 'w');
  try {
    const block = Buffer.alloc(4096, 1);
    const times = Array.from({ length: writes }, () => {
      const begun = performance.now();
      writeSync(handle, block);
      fsyncSync(handle);
      return performance.now() - begun;
    });
    return percentile(times, 95);
  } finally {
    closeSync(handle);
    rmSync(file, { force: true });
  }
}

/** The value below which `share` of 100 values lie; NaN of none. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.ceil((share / 100) * sorted.length) - 1)] ?? NaN;
}
