import type { CoreCalls } from '../../contract/core-calls.ts';
import { refusals } from '../../guard/no-network.ts';
import type { Handlers } from '../../rpc/types.ts';
import type { Connections } from '../context.ts';

const mostTold = 50;
/** Pages are closed and opened; more names than this are no processes of ours. */
const mostReporters = 20;

/** Requests that would have left the computer: what the guard refused in each process, and what pages report of theirs. */
export function handlers({ seats }: Connections): Handlers<Pick<CoreCalls, 'privacy.get' | 'privacy.report'>> {
  const reported = new Map<string, number>();
  return {
    'privacy.get': async () => {
      const refused = refusals();
      const counts = new Map<string, number>([['core', 0], ['engine', 0], ...reported]);
      for (const { process: name } of refused) counts.set(name, (counts.get(name) ?? 0) + 1);
      return {
        blocked: [...counts].map(([name, requests]) => ({ process: name, requests })),
        last: refused.slice(-mostTold).reverse(),
        // The window and the terminal are at this computer; pages in browsers came by a link.
        connected: seats().flatMap(({ rater, paths }) => (paths ? [] : [{ rater }])),
      };
    },
    'privacy.report': async ({ process: name, requests }) => {
      // A page that was reloaded counts from zero again; what was blocked before stays told.
      if (reported.has(name) || reported.size < mostReporters) {
        reported.set(name, Math.max(reported.get(name) ?? 0, requests));
      }
      return {};
    },
  };
}
