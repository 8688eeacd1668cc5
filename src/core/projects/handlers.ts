import type { CoreCalls } from '../../contract/core-calls.ts';
import type { Handlers } from '../../rpc/types.ts';
import type { CoreContext } from '../context.ts';
import { transact } from '../db/errors.ts';
import { writeSetting } from '../library/paths.ts';
import { changed, onChanged } from './board.ts';
import { listCards } from './cards.ts';
import { forgetKnown, knownProjects, renameKnown } from './known.ts';
import { placeOf, setPlace } from './place.ts';
import { noteOpened, projectOf } from './registry.ts';
import { statusOf } from './status.ts';

type ProjectCalls = Pick<
  CoreCalls,
  | 'projects.list'
  | 'projects.open'
  | 'projects.look'
  | 'projects.status'
  | 'projects.rename'
  | 'projects.forget'
  | 'projects.place'
>;

export function handlers({ emit }: CoreContext): Handlers<ProjectCalls> {
  onChanged((project, seq) => emit('project.changed', { project, seq }));
  return {
    'projects.list': () => listCards(),
    'projects.open': async ({ project: ref, rater }) => {
      const project = await projectOf(ref);
      noteOpened(project);
      return statusOf(project, rater);
    },
    'projects.look': async ({ project: ref, rater }) => {
      const project = await projectOf(ref, { readOnly: true });
      noteOpened(project);
      return statusOf(project, rater);
    },
    'projects.status': async ({ project, rater }) => statusOf(await projectOf(project, { readOnly: true }), rater),
    'projects.rename': async ({ project: ref, name }) => {
      const project = await projectOf(ref);
      transact(project.db, () => writeSetting(project.db, 'name', name));
      renameKnown(project.folder, name);
      changed(project.id);
      return {};
    },
    'projects.forget': async ({ project: ref }) => {
      for (const { id, folder } of knownProjects()) if (id === ref || folder === ref) forgetKnown(folder);
      return {};
    },
    'projects.place': async ({ project: ref, rater, key, value }) => {
      if (value === undefined) return { value: placeOf((await projectOf(ref, { readOnly: true })).db, rater, key) };
      setPlace((await projectOf(ref)).db, { rater, key, value });
      return { value };
    },
  };
}
