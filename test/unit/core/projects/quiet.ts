import { ownSeat } from '../../../../src/contract/seat.ts';
import type { CallContext } from '../../../../src/rpc/types.ts';

/** A call of somebody at this computer who waits for the answer alone. */
export const quiet: CallContext = {
  signal: new AbortController().signal,
  seat: ownSeat,
  progress: () => {},
};
