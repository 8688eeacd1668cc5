import type { ArmName } from '../../../contract/run-files.ts';

/** Which check images a number counts: indexes into the run's classes; null takes all. */
export interface Behind {
  readonly arm: ArmName;
  readonly truth: number | null;
  readonly called: number | null;
  /** Of that class or called so, instead of both. */
  readonly either?: boolean;
  readonly correct: boolean | 'only' | 'either' | null;
  /** For `only` and `either`: a model of another run instead of the other one of this run. */
  readonly other?: { readonly run: string; readonly arm: ArmName };
  /** Of one group (column null), or with one value of a column that results are reported by. */
  readonly group?: { readonly column: string | null; readonly value: string };
  /** How sure the model was, from within to without; 1 is within. */
  readonly said?: { readonly from: number; readonly to: number; readonly corrected: boolean };
  /** What they are, in words. */
  readonly title: string;
}
