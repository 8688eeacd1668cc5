import { basename } from 'node:path';
import type { Project } from '../db/open.ts';
import { readSetting } from '../library/paths.ts';

/** The name it was given, or that of its folder. */
export function projectName({ db, folder }: Pick<Project, 'db' | 'folder'>): string {
  const name = readSetting(db, 'name');
  return typeof name === 'string' && name !== '' ? name : basename(folder);
}
