import type { Progress } from '../../../contract/progress.ts';
import type { RunRow } from '../../../contract/runs.ts';
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

const stages = ['prepare', 'adapt', 'train', 'check', 'write'] as const;
type Stage = (typeof stages)[number];

/** The stages a kind of run goes through: one that takes up what another learned from the images does not adapt. */
const stagesOfKind: Partial<Record<RunRow['kind'], readonly Stage[]>> = {
  adapt: ['prepare', 'adapt'],
  finetune: ['prepare', 'train', 'check', 'write'],
};

/** The stages of a run in their order, each over, under way or still to come. */
export function stagesOf(
  kind: RunRow['kind'] | undefined,
  stage: string | null,
): readonly { readonly name: Stage; readonly is: 'over' | 'now' | 'ahead' }[] {
  const shown = (kind && stagesOfKind[kind]) ?? stages;
  const place = stages.findIndex((name) => name === stage);
  // What is passed through without being shown belongs to the one before it.
  const at = shown.findLastIndex((name) => stages.indexOf(name) <= place);
  return shown.map((name, index) => ({ name, is: index < at ? 'over' : index === at ? 'now' : 'ahead' }));
}

/** Stage of a run that stands still within the passes of its adaptation; of others the saved point does not tell. */
export const stageAt = (pass: number | null, passes: number | null): 'adapt' | null =>
  pass !== null && passes !== null && pass < passes ? 'adapt' : null;
