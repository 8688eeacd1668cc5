/** How far one reference value is from ours. */
export interface Finding {
  /** What was compared, such as `features` or `ntxent_T0.1`. */
  readonly what: string;
  /** Relative error, or null where this program has nothing to compare: `note` says what. */
  readonly error: number | null;
  readonly tolerance: number;
  readonly note?: string;
}

export const absent = (what: string, note: string): Finding => ({ what, error: null, tolerance: 0, note });

/** Compared and too far (a value that is not a number is too far as well). */
export const failed = ({ error, tolerance }: Finding): boolean => error !== null && !(error <= tolerance);
