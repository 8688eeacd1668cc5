import { statfs } from 'node:fs/promises';
import type { CoreCalls } from '../../contract/core-calls.ts';
import { AppError } from '../../contract/errors.ts';
import type { Handlers } from '../../rpc/types.ts';
import type { Project } from '../db/open.ts';
import { boardOf, changed, setBytes } from '../projects/board.ts';
import { projectOf } from '../projects/registry.ts';
import { forgetDiskRoom } from '../runs/disk-room.ts';
import { isActive } from '../runs/states.ts';
import { listRuns } from '../runs/rows.ts';
import { bytesOf, emptyFolder } from './sizes.ts';

/** Parts of a project folder, and whether a part is made again when it is needed. */
const parts = (paths: Project['paths']) =>
  [
    { part: 'database', places: [paths.database, `${paths.database}-wal`], rebuildable: false },
    { part: 'thumbnails', places: [paths.thumbnails], rebuildable: true },
    { part: 'cache', places: [paths.cache], rebuildable: true },
    { part: 'runs', places: [paths.runs], rebuildable: false },
    { part: 'backups', places: [paths.backups], rebuildable: false },
    { part: 'features', places: [paths.features], rebuildable: true },
  ] as const;

export function handlers(): Handlers<Pick<CoreCalls, 'storage.get' | 'storage.clear'>> {
  return {
    'storage.get': async ({ project: ref }) => {
      const { id, folder, paths } = await projectOf(ref, { readOnly: true });
      const measured = await Promise.all(
        parts(paths).map(async ({ part, places, rebuildable }) => {
          const sizes = await Promise.all(places.map(bytesOf));
          return { part, rebuildable, bytes: sizes.reduce((sum, size) => sum + size, 0) };
        }),
      );
      const { bavail, bsize } = await statfs(folder);
      const total = measured.reduce((sum, { bytes }) => sum + bytes, 0);
      if (total !== boardOf(id).bytes) setBytes(id, total);
      return { parts: measured, free: bavail * bsize };
    },
    'storage.clear': async ({ project: ref, parts: names }) => {
      const project = await projectOf(ref);
      // A run that goes on reads what is kept for it.
      const busy = listRuns(project.db).find(({ state }) => isActive(state));
      if (busy) throw new AppError('run.busy', { run: busy.id });
      let freed = 0;
      for (const { part, places } of parts(project.paths)) {
        if (!names.some((name) => name === part)) continue;
        for (const place of places) {
          freed += await bytesOf(place);
          await emptyFolder(place);
        }
      }
      forgetDiskRoom(project);
      changed(project.id);
      return { freed };
    },
  };
}
