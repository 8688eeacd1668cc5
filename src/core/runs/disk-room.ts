import { join } from 'node:path';
import type { ProjectStatus } from '../../contract/project.ts';
import type { Project } from '../db/open.ts';
import { changed } from '../projects/board.ts';
import { bytesOf } from '../storage/sizes.ts';
import { diskBytes, usualSizes, workloadOf } from './estimate.ts';
import { readSpecification } from './specification.ts';

type Room = NonNullable<NonNullable<ProjectStatus['run']>['disk']>;

const known = new WeakMap<Project, { readonly run: string; room: Room | null }>();

/**
 * Bytes a run still wants on a disk that was full, and what can be cleared of its project and is made again. Measured
 * once, on the side, as there may be a million files; null until that is done, and then told.
 */
export function diskRoom(project: Project, run: string): Room | null {
  const found = known.get(project);
  if (found?.run === run) return found.room;
  const asked: { readonly run: string; room: Room | null } = { run, room: null };
  known.set(project, asked);
  void measure(project, run).then((room) => {
    asked.room = room;
    if (known.get(project) === asked) changed(project.id);
  });
  return null;
}

/** Something was cleared: what was measured is no longer so. */
export const forgetDiskRoom = (project: Project): void => void known.delete(project);

async function measure({ paths }: Project, run: string): Promise<Room> {
  const folder = join(paths.runs, run);
  const [cache, thumbnails, there] = await Promise.all([
    bytesOf(paths.cache),
    bytesOf(paths.thumbnails),
    bytesOf(folder),
  ]);
  const specification = await readSpecification(folder).catch(() => null);
  const whole = specification
    ? diskBytes(workloadOf(specification.manifest, specification.spec), specification.spec, usualSizes)
    : usualSizes.stateBytes;
  return { needed: Math.max(usualSizes.stateBytes, whole - cache - there), clearable: cache + thumbnails };
}
