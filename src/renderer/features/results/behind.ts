import type { ArmName } from '../../../contract/run-files.ts';

/** Which check images a number counts: indexes into the run's classes; null takes all. */
export interface Behind {
  readonly arm: ArmName;
  readonly truth: number | null;
  readonly called: number | null;
  /** Of that class or called so, instead of both. */
  readonly either?: boolean;
  readonly correct: boolean | 'only' | 'either' | null;
  /** What they are, in words. */
  readonly title: string;
}
