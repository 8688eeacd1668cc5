import type { CallContext } from '../../rpc/types.ts';

/** What the shell behind a call may do. */
export interface Seat {
  /** Who it was linked for; null where anybody sits at it. */
  readonly rater: string | null;
  /** Folders below which it may look; null where it may name any. */
  readonly roots: readonly string[] | null;
}

export const seatOf = (_call: CallContext): Seat => ({ rater: null, roots: null });
