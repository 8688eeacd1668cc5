import type { CoreCalls } from '../../contract/core-calls.ts';
import type { Handlers } from '../../rpc/types.ts';
import { RecentProjects, settingsFolder } from './recent.ts';

export function handlers(): Pick<Handlers<CoreCalls>, 'recent.list' | 'recent.note'> {
  const recent = new RecentProjects(settingsFolder());
  return {
    'recent.list': async () => ({ projects: recent.list() }),
    'recent.note': async ({ project, keep }) => {
      try {
        recent.note(project, keep);
      } catch {
        // A home that cannot be written keeps no list; the project itself is as it was.
      }
      return {};
    },
  };
}
