import { existsSync, readdirSync, rmdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { AppError } from '../../contract/errors.ts';
import { isInside, resolvedPath } from '../db/file-system.ts';
import type { Project } from '../db/open.ts';
import { closeProject } from '../db/projects.ts';
import { imageFolders } from '../library/paths.ts';
import { listRuns } from '../runs/rows.ts';
import { isActive } from '../runs/states.ts';
import { forgetKnown } from './known.ts';

/** What Acclimate writes into a project folder. Anything else in it is somebody's own and stays. */
const ours = (name: string, paths: Project['paths'], root: string): boolean =>
  /^(project\.db|lock\.db)(-wal|-shm|-journal)?$/.test(name) ||
  name === 'project.lock' ||
  name === 'weights' ||
  Object.values(paths).some((path) => path === join(root, name));

/**
 * Deletes a project that is open for writing, so that nobody else works in it. Images are never touched.
 * @throws AppError `project.holdsImages`, `run.busy`
 */
export async function removeProject(project: Project): Promise<void> {
  const { db, folder, paths } = project;
  const batches = db.prepare<[], string>(`SELECT folder FROM batch WHERE folder IS NOT NULL`).pluck().all();
  for (const images of [...imageFolders(db), ...batches]) {
    if (isInside(resolvedPath(images), folder)) throw new AppError('project.holdsImages', { folder });
  }
  const busy = listRuns(db).find(({ state }) => isActive(state));
  if (busy) throw new AppError('run.busy', { run: busy.id });
  await closeProject(folder);
  // The database last: until then what is left is still a project.
  const names = readdirSync(folder).filter((name) => ours(name, paths, folder));
  const isDatabase = (name: string): boolean => name.startsWith('project.db');
  for (const name of names.toSorted((a, b) => Number(isDatabase(a)) - Number(isDatabase(b)))) {
    rmSync(join(folder, name), { recursive: true, force: true });
  }
  if (existsSync(folder) && readdirSync(folder).length === 0) rmdirSync(folder);
  forgetKnown(folder);
}
