import { stat } from 'node:fs/promises';
import type { Project } from '../db/open.ts';
import { readImportSetting } from '../library/paths.ts';
import { changed } from './board.ts';

/** How long an answer holds, and how long a share that does not answer is waited for. */
const holdsMs = 3000;
const waitMs = 400;

interface Known {
  gone: boolean;
  at: number;
  asking: Promise<void> | null;
}
const known = new WeakMap<Project, Known>();

/**
 * Whether the folder with the images cannot be reached now. Asked for on the side: a drive that was pulled out or a
 * share that hangs holds nothing up, and a change is told when it is known.
 */
export async function imagesFolderGone(project: Project): Promise<boolean> {
  const state = known.get(project) ?? { gone: false, at: -Infinity, asking: null };
  known.set(project, state);
  if (performance.now() - state.at >= holdsMs && !state.asking) {
    state.asking = look(project).then((gone) => {
      const differs = gone !== state.gone && state.at !== -Infinity;
      Object.assign(state, { gone, at: performance.now(), asking: null });
      if (differs) changed(project.id);
    });
  }
  if (state.at === -Infinity && state.asking) {
    await Promise.race([state.asking, new Promise((resolve) => setTimeout(resolve, waitMs).unref())]);
  }
  return state.gone;
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
