import { resolve } from 'node:path';
import { openProject, type OpenOptions, type Project } from './open.ts';
import { settleInterrupted } from '../runs/rows.ts';
import { resolvedPath } from './file-system.ts';

const open = new Map<string, Promise<Project>>();
/** By the project's id, the one opened last. */
const byId = new Map<string, Project>();

/** A project that is open in this process. */
export function openedProject(id: string): Project | undefined {
  const project = byId.get(id);
  return project?.db.open ? project : undefined;
}

/**
 * The project in a folder, opened once per process and kept open: what handlers use.
 * A project opened for looking is opened anew each time a writer is asked for.
 */
export function useProject(folder: string, options: OpenOptions = {}): Promise<Project> {
  const root = resolvedPath(resolve(folder));
  const earlier = open.get(root);
  const opening = reuse(earlier, root, options);
  open.set(root, opening);
  opening.catch(() => {
    if (open.get(root) !== opening) return;
    if (earlier) open.set(root, earlier);
    else open.delete(root);
  });
  return opening;
}

async function reuse(earlier: Promise<Project> | undefined, root: string, options: OpenOptions): Promise<Project> {
  const known = await earlier?.catch(() => undefined);
  if (known?.db.open && (options.readOnly || !known.readOnly)) return known;
  const project = await openProject(root, options);
  // Whatever a run's row says, nothing works on it before its project is open here.
  if (!project.readOnly) settleInterrupted(project.db, new Set());
  // Only now: where nobody may write, looking goes on.
  if (known?.db.open) known.close();
  byId.set(project.id, project);
  return project;
}

/** Closes a project for good, as before its folder is removed. */
export async function closeProject(folder: string): Promise<void> {
  const opening = open.get(folder);
  open.delete(folder);
  (await opening?.catch(() => undefined))?.close();
}

export async function closeProjects(): Promise<void> {
  const all = [...open.values()];
  open.clear();
  for (const project of all) (await project.catch(() => undefined))?.close();
}
