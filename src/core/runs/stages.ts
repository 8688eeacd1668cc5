import type { Progress } from '../../contract/progress.ts';

export interface Stage {
  readonly name: string;
  /** Expected seconds; only their proportions matter once work has begun. */
  readonly seconds: number;
}

/**
 * Progress over the stages of a run, as one fraction that never falls. Time left follows from what was done since the
 * start: expected seconds done ÷ real seconds is the pace.
 */
export interface StageMeter {
  /** How far one stage is, 0..1. */
  report(stage: number, within: Partial<Progress> & { fraction: number }): Progress;
}

/** Real seconds before anything is said about the time left. */
const quietSeconds = 2;

export function stageMeter(stages: readonly Stage[], now: () => number = () => performance.now() / 1000): StageMeter {
  const total = stages.reduce((sum, { seconds }) => sum + seconds, 0);
  const done = stages.map(() => 0);
  const begun = now();
  let before: number | undefined;
  let highest = 0;
  return {
    report(stage, within) {
      done[stage] = Math.max(done[stage]!, Math.min(1, within.fraction));
      const expected = stages.reduce((sum, { seconds }, i) => sum + seconds * done[i]!, 0);
      before ??= expected;
      highest = Math.max(highest, total > 0 ? Math.min(1, expected / total) : 1);
      const elapsed = now() - begun;
      const pace = elapsed > quietSeconds ? (expected - before) / elapsed : 0;
      return {
        stage: stages[stage]!.name,
        fraction: highest,
        ...(within.rate === undefined ? {} : { rate: within.rate }),
        ...(pace > 0 ? { secondsLeft: (total - expected) / pace } : {}),
        ...(within.detail === undefined ? {} : { detail: within.detail }),
      };
    },
  };
}
