import { join } from 'node:path';
import type { CoreCalls } from '../../contract/core-calls.ts';
import type { Handlers } from '../../rpc/types.ts';
import type { CoreContext } from '../context.ts';
import { transact } from '../db/errors.ts';
import { writeSetting } from '../library/paths.ts';
import { makeSample } from '../sample/make.ts';
import { boardOf, changed, onChanged } from './board.ts';
import { listCards } from './cards.ts';
import { forgetKnown, knownProjects, renameKnown } from './known.ts';
import { originOf } from './origin.ts';
import { placeOf, setPlace } from './place.ts';
import { noteOpened, projectOf } from './registry.ts';
import { relink } from './relink.ts';
import { removeProject } from './remove.ts';
import { backupsOf, restoreBackup } from './restore.ts';
import { statusFor } from './status.ts';

type ProjectCalls = Pick<
  CoreCalls,
  | 'projects.list'
  | 'projects.open'
  | 'projects.look'
  | 'projects.status'
  | 'projects.rename'
  | 'projects.forget'
  | 'projects.delete'
  | 'projects.sample'
  | 'projects.relink'
  | 'projects.backups'
  | 'projects.restore'
  | 'projects.place'
>;

export function handlers({ emit }: CoreContext): Handlers<ProjectCalls> {
  onChanged((project, seq) => emit('project.changed', { project, seq }));
  return {
    'projects.list': (_input, { seat }) => listCards(seat),
    'projects.open': async ({ project: ref, rater }, { seat }) => {
      const project = await projectOf(ref);
      noteOpened(project);
      return statusFor(project, rater, seat);
    },
    'projects.look': async ({ project: ref, rater }, { seat }) => {
      const project = await projectOf(ref, { readOnly: true });
      noteOpened(project);
      return statusFor(project, rater, seat);
    },
    'projects.status': async ({ project, rater }, { seat }) =>
      statusFor(await projectOf(project, { readOnly: true }), rater, seat),
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
    'projects.delete': async ({ project }) => {
      await removeProject(await projectOf(project));
      return {};
    },
    'projects.sample': async ({ folder }, call) => {
      const project = await makeSample(folder, call);
      noteOpened(project);
      return { project: project.id };
    },
    'projects.relink': async ({ project: ref, folder }, call) => {
      const project = await projectOf(ref);
      const result = await relink(project, folder, call);
      emit('library.changed', { project: project.id, seq: boardOf(project.id).seq });
      changed(project.id);
      return result;
    },
    'projects.backups': async ({ project }) => ({
      backups: backupsOf(join((await originOf(project)).folder, 'backups')),
    }),
    'projects.restore': async ({ project, backup, folder }) => {
      const restored = await restoreBackup(await originOf(project), backup, folder);
      noteOpened(restored);
      return { project: restored.id };
    },
    'projects.place': async ({ project: ref, rater, key, value }) => {
      if (value === undefined) return { value: placeOf((await projectOf(ref, { readOnly: true })).db, rater, key) };
      setPlace((await projectOf(ref)).db, { rater, key, value });
      return { value };
    },
  };
}
