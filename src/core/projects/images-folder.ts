import { stat } from 'node:fs/promises';
import type { Project } from '../db/open.ts';
import { readImportSetting } from '../library/paths.ts';
import { changed } from './board.ts';

/** How often it is looked at, and how long a share that does not answer is waited for. */
const everyMs = 3000;
const waitMs = 400;

interface Known {
  /** Nothing is known before the first look has ended. */
  gone: boolean | null;
  first: Promise<void>;
}
const known = new WeakMap<Project, Known>();

/**
 * Whether the folder with the images cannot be reached now. From the first question on it is looked at on the side,
 * for as long as the project is open: a drive that was pulled out or a share that hangs holds nothing up, and a change
 * is told without anybody asking.
 */
export async function imagesFolderGone(project: Project): Promise<boolean> {
  let state = known.get(project);
  if (!state) {
    state = { gone: null, first: Promise.resolve() };
    known.set(project, state);
    state.first = keepLooking(project, state);
  }
  if (state.gone === null) {
    await Promise.race([state.first, new Promise((resolve) => setTimeout(resolve, waitMs).unref())]);
  }
  return state.gone ?? false;
}

async function keepLooking(project: Project, state: Known): Promise<void> {
  const gone = await look(project);
  if (!project.db.open || known.get(project) !== state) return;
  const differs = state.gone !== null && gone !== state.gone;
  state.gone = gone;
  if (differs) changed(project.id);
  setTimeout(() => void keepLooking(project, state), everyMs).unref();
}

/** The folder is another one now: what was known of the one before says nothing. */
export const forgetImagesFolder = (project: Project): void => void known.delete(project);

async function look(project: Project): Promise<boolean> {
  if (!project.db.open) return false;
  const setting = readImportSetting(project.db);
  if (!setting) return false;
  const found = await stat(setting.folder).catch(() => null);
  return !found?.isDirectory();
}
