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
/** How much the time left may rise from one report to the next. */
const mostRise = 0.02;

export function stageMeter(stages: readonly Stage[], now: () => number = () => performance.now() / 1000): StageMeter {
  const total = stages.reduce((sum, { seconds }) => sum + seconds, 0);
  const done = stages.map(() => 0);
  const begun = now();
  let before: number | undefined;
  let highest = 0;
  let left: { seconds: number; at: number } | undefined;
  /** Time left may fall at once, and rises little by little: a jump would be taken for a fault. */
  const steady = (seconds: number): number => {
    const since = left ? now() - left.at : 0;
    const most = left ? Math.max(0, left.seconds - since) + mostRise * (left.seconds + since) : seconds;
    const shown = Math.min(seconds, most);
    left = { seconds: shown, at: now() };
    return shown;
  };
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
        ...(pace > 0 ? { secondsLeft: steady((total - expected) / pace) } : {}),
        ...(within.detail === undefined ? {} : { detail: within.detail }),
        ...(within.pass === undefined ? {} : { pass: within.pass }),
      };
    },
  };
}
