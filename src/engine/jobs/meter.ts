import type { Progress } from '../../contract/progress.ts';

/** Turns counts into progress: the fraction never falls, rate and time left come from what was done since the start. */
export interface Meter {
  /** Counts `n` more done, and reports at most four times a second. */
  advance(n: number, detail?: string, pass?: [number, number]): void;
  /** Done per second since the start. */
  rate(): number;
}

/**
 * @param total all there is to do
 * @param done of which an earlier session did this much
 */
export function createMeter(report: (progress: Progress) => void, stage: string, total: number, done = 0): Meter {
  const begun = performance.now();
  const before = done;
  let count = done;
  let reported = -Infinity;
  const rate = (): number => {
    const seconds = (performance.now() - begun) / 1000;
    return seconds > 0 ? (count - before) / seconds : 0;
  };
  return {
    advance(n, detail, pass) {
      count += n;
      const now = performance.now();
      if (count < total && now - reported < 250) return;
      reported = now;
      const speed = rate();
      report({
        stage,
        fraction: total > 0 ? Math.min(1, count / total) : 1,
        ...(speed > 0 ? { rate: speed, secondsLeft: Math.max(0, total - count) / speed } : {}),
        ...(detail === undefined ? {} : { detail }),
        ...(pass === undefined ? {} : { pass }),
      });
    },
    rate,
  };
}
