import type { Progress } from '../../contract/progress.ts';
import { count, duration } from './numbers.ts';

/** The stages in the words the user reads everywhere. */
const stageWords: Readonly<Record<string, string>> = {
  import: 'Look at your images',
  prepare: 'Prepare',
  adapt: 'Learn from your images',
  train: 'Train',
  check: 'Check',
  write: 'Write',
};

export const stageWord = (stage: string): string => stageWords[stage] ?? stage.charAt(0).toUpperCase() + stage.slice(1);

const describe = (progress: Progress): string =>
  [
    stageWord(progress.stage).padEnd(22),
    `${Math.floor(progress.fraction * 100)} %`.padStart(5),
    ...(progress.rate !== undefined && progress.rate > 0 ? [`${count(progress.rate)} images/s`] : []),
    ...(progress.secondsLeft !== undefined ? [`${duration(progress.secondsLeft)} left`] : []),
    ...(progress.detail !== undefined ? [progress.detail] : []),
  ].join('  ');

export interface ProgressLine {
  show(progress: Progress): void;
  /** A line of its own, above the progress. */
  say(line: string): void;
  end(): void;
}

export interface Screen {
  write(text: string): unknown;
  readonly isTTY?: boolean;
  readonly columns?: number;
}

/** On a terminal one line that changes; elsewhere a line per stage and each 10 %. */
export function progressLine(screen: Screen): ProgressLine {
  let stage = '';
  let tenth = -1;
  let shown = '';

  const clear = (): void => {
    if (shown !== '') screen.write('\r\x1b[2K');
    shown = '';
  };
  return {
    show(progress) {
      const line = describe(progress);
      if (screen.isTTY) {
        const fitted = line.slice(0, (screen.columns ?? 80) - 1);
        screen.write(`\r\x1b[2K${fitted}`);
        shown = fitted;
        return;
      }
      const now = Math.floor(progress.fraction * 10);
      if (progress.stage === stage && now <= tenth) return;
      stage = progress.stage;
      tenth = now;
      screen.write(`${line}\n`);
    },
    say(line) {
      const before = shown;
      clear();
      screen.write(`${line}\n`);
      if (before !== '') {
        screen.write(before);
        shown = before;
      }
    },
    end: clear,
  };
}
