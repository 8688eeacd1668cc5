import type { CoreCalls } from '../../contract/core-calls.ts';
import type { CallContext, Handlers } from '../../rpc/types.ts';
import { noteFailure } from './log.ts';
import { noteTime } from './timings.ts';

/** The same handlers; how long each call took and the code it failed with are kept for Diagnostics. */
export function observed(handlers: Handlers<CoreCalls>): Handlers<CoreCalls> {
  const watched = Object.entries(handlers).map(([name, handler]) => [
    name,
    async (input: never, context: CallContext): Promise<unknown> => {
      const begun = performance.now();
      try {
        return await handler(input, context);
      } catch (error) {
        noteFailure(name, error);
        throw error;
      } finally {
        noteTime(name, performance.now() - begun);
      }
    },
  ]);
  return Object.fromEntries(watched) as Handlers<CoreCalls>;
}
