import { z } from 'zod';
import { AppError } from '../../contract/errors.ts';
import type { OpenOptions, Project } from '../db/open.ts';
import { openedProject, useProject } from '../db/projects.ts';
import { knownProjects, noteKnown } from './known.ts';
import { projectName } from './name.ts';

const idSchema = z.uuid();

/**
 * The project that a call means, opened once per process and kept open. Pages name a project by its id, which is known
 * from what is open and from the list of what was opened; a shell that knows folders may name its folder.
 * @throws AppError `project.unknown`, and what opening throws
 */
export async function projectOf(ref: string, options: Pick<OpenOptions, 'readOnly'> = {}): Promise<Project> {
  if (!idSchema.safeParse(ref).success) return useProject(ref, options);
  const known = openedProject(ref);
  if (known && (options.readOnly || !known.readOnly)) return known;
  const folders = [known?.folder, ...knownProjects().flatMap(({ id, folder }) => (id === ref ? [folder] : []))];
  for (const folder of new Set(folders)) {
    if (folder === undefined) continue;
    const project = await orMissing(useProject(folder, options));
    if (project?.id === ref) return project;
  }
  throw new AppError('project.unknown', { project: ref });
}

/** Puts a project on the list of those opened on this computer, so that its id is known from now on. */
export function noteOpened(project: Project): void {
  noteKnown({ folder: project.folder, id: project.id, name: projectName(project) });
  for (const listener of openedListeners) listener(project);
}

const openedListeners = new Set<(project: Project) => void>();
/** Hears of each project that a user opens: what was cut off in it is gone on with. */
export const onOpened = (listener: (project: Project) => void): void => void openedListeners.add(listener);

/** A folder that was moved or replaced since it was listed is none of the project's. */
async function orMissing(opening: Promise<Project>): Promise<Project | undefined> {
  try {
    return await opening;
  } catch (error) {
    if (error instanceof AppError && error.code === 'project.missing') return undefined;
    throw error;
  }
}
