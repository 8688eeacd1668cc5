import type { Progress } from '../contract/progress.ts';

const INTERVAL_MS = 100;

export interface ProgressGate {
  push(progress: Progress): void;
  /** Sends what is still held back. Called before the answer of the call, so the last progress always arrives. */
  flush(): void;
}

/** Lets at most ten progress reports a second through and never lets the fraction fall. */
export function progressGate(send: (progress: Progress) => void): ProgressGate {
  let highest = 0;
  let lastSent = -Infinity;
  let waiting: Progress | undefined;
  let timer: NodeJS.Timeout | undefined;

  const flush = (): void => {
    clearTimeout(timer);
    timer = undefined;
    if (waiting === undefined) return;
    const progress = waiting;
    waiting = undefined;
    lastSent = Date.now();
    send(progress);
  };

  return {
    push(progress) {
      highest = Math.max(highest, Math.min(1, progress.fraction));
      waiting = { ...progress, fraction: highest };
      const left = lastSent + INTERVAL_MS - Date.now();
      if (left <= 0) flush();
      else timer ??= setTimeout(flush, left);
    },
    flush,
  };
}
