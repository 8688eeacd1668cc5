import type { Progress } from '../../../contract/progress.ts';
import type { Range } from './durations.ts';

/** Until this share is done the time left is a range. */
const rangeUntil = 0.05;
/** The time left may rise by this share without a word. */
const quietRise = 1.1;

export interface Shown {
  readonly run: string;
  /** Never falls within a run. */
  readonly fraction: number;
  readonly left: Range | number | null;
  /** The time left rose by more than a little. */
  readonly slower: boolean;
}

/** What is shown of a run after this report, by what was shown before. */
export function advance(before: Shown | undefined, run: string, progress: Progress): Shown {
  const last = before?.run === run ? before : undefined;
  const fraction = Math.max(last?.fraction ?? 0, progress.fraction);
  const seconds = progress.secondsLeft;
  if (seconds === undefined) return { run, fraction, left: last?.left ?? null, slower: false };
  if (fraction < rangeUntil) return { run, fraction, left: [seconds * 0.8, seconds * 1.5], slower: false };
  const slower = typeof last?.left === 'number' && seconds > last.left * quietRise;
  return { run, fraction, left: seconds, slower };
}

/** Tenth of the way that a screen reader is told of. */
export const tenthOf = (fraction: number): number => Math.floor(fraction * 10 + 1e-9);
