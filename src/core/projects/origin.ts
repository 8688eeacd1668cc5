import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { AppError, type ErrorCode } from '../../contract/errors.ts';
import { knownProjects } from './known.ts';
import { projectName } from './name.ts';
import { projectOf } from './registry.ts';

/** What a backup belongs to: a project that is open, or the folder of one that can't be opened. */
export interface Origin {
  readonly id: string;
  readonly name: string;
  readonly folder: string;
}

/** A project in this state has nothing left but its backups. */
const unopenable: ReadonlySet<ErrorCode> = new Set(['db.future', 'db.corrupt', 'db.migration']);

/** Whose backups are meant. @throws AppError as opening does, where the database is not what is wrong */
export async function originOf(ref: string): Promise<Origin> {
  try {
    const project = await projectOf(ref, { readOnly: true });
    return { id: project.id, name: projectName(project), folder: project.folder };
  } catch (error) {
    if (!(error instanceof AppError) || !unopenable.has(error.code)) throw error;
    const known = knownProjects().find(({ id, folder }) => id === ref || folder === resolve(ref));
    if (known) return known;
    if (!existsSync(join(ref, 'project.db'))) throw error;
    return { id: 'unknown', name: 'project', folder: resolve(ref) };
  }
}
