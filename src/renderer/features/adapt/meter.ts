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
  /** The least time left that was shown as one number; what comes later is measured by it. */
  readonly least: number | null;
  /** The time left is more than a little above that. */
  readonly slower: boolean;
}

/** What is shown of a run after this report, by what was shown before. */
export function advance(before: Shown | undefined, run: string, progress: Progress): Shown {
  const last = before?.run === run ? before : undefined;
  const fraction = Math.max(last?.fraction ?? 0, progress.fraction);
  const seconds = progress.secondsLeft;
  const least = last?.least ?? null;
  if (seconds === undefined) return { run, fraction, left: last?.left ?? null, least, slower: last?.slower ?? false };
  if (fraction < rangeUntil) return { run, fraction, left: [seconds * 0.8, seconds * 1.5], least, slower: false };
  // The reason stays as long as it is true, and many small rises are a large one.
  const slower = least !== null && seconds > least * quietRise;
  return { run, fraction, left: seconds, least: Math.min(least ?? seconds, seconds), slower };
}

/** Tenth of the way that a screen reader is told of. */
export const tenthOf = (fraction: number): number => Math.floor(fraction * 10 + 1e-9);

/** Stage of a run that stands still within the passes of its adaptation; of others the saved point does not tell. */
export const stageAt = (pass: number | null, passes: number | null): 'adapt' | null =>
  pass !== null && passes !== null && pass < passes ? 'adapt' : null;
