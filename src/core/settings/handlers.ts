import type { CoreCalls } from '../../contract/core-calls.ts';
import type { Handlers } from '../../rpc/types.ts';
import type { CoreContext } from '../context.ts';
import { browse } from './browse.ts';
import { defaultProjects } from './places.ts';
import { readPolicy } from './policy.ts';
import { seatOf } from './seat.ts';
import { changeUserSettings, readUserSettings } from './user.ts';

export function handlers({
  emit,
}: CoreContext): Handlers<Pick<CoreCalls, 'settings.get' | 'settings.change' | 'files.browse'>> {
  return {
    'settings.get': async (_input, call) => {
      const { rater, roots } = seatOf(call);
      return {
        settings: readUserSettings(),
        policy: readPolicy(),
        defaultProjects: defaultProjects(),
        seat: { rater, paths: roots === null },
      };
    },
    'settings.change': async (change) => {
      const settings = changeUserSettings(change);
      emit('settings.changed', { settings });
      return settings;
    },
    'files.browse': ({ path }, call) => browse(path, seatOf(call).roots),
  };
}
