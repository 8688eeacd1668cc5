import type { CoreCalls } from '../../contract/core-calls.ts';
import type { Handlers } from '../../rpc/types.ts';
import type { CoreContext } from '../context.ts';
import { browse } from './browse.ts';
import { defaultProjects } from './places.ts';
import { readPolicy } from '../../files/policy.ts';
import { changeUserSettings, readUserSettings } from './user.ts';

export function handlers({
  emit,
}: CoreContext): Handlers<Pick<CoreCalls, 'settings.get' | 'settings.change' | 'files.browse'>> {
  return {
    'settings.get': async (_input, { seat: { rater, paths } }) => {
      return {
        settings: readUserSettings(),
        policy: readPolicy(),
        defaultProjects: defaultProjects(),
        seat: { rater, paths },
      };
    },
    'settings.change': async (change) => {
      const settings = changeUserSettings(change);
      emit('settings.changed', { settings });
      return settings;
    },
    'files.browse': ({ path, files }, { seat }) => browse(path, files, seat.roots),
  };
}
