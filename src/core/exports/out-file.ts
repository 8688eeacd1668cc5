import { resolve } from 'node:path';
import { AppError } from '../../contract/errors.ts';
import { copyWhole, writeWhole } from '../../files/whole.ts';
import { reasonOf } from '../db/errors.ts';
import { isInside, resolvedPath } from '../db/file-system.ts';
import type { Project } from '../db/open.ts';
import { imageFolders } from '../library/paths.ts';

/**
 * The full path of a file the user names to be written. Never in a folder of images: those of the project, and
 * `alsoImages`.
 * @throws AppError `export.insideImages`
 */
export function outFile({ db }: Project, file: string, alsoImages?: string): string {
  const out = resolvedPath(resolve(file));
  for (const folder of [...imageFolders(db), ...(alsoImages ? [alsoImages] : [])]) {
    if (isInside(out, resolvedPath(resolve(folder)))) {
      throw new AppError('export.insideImages', { out, folder });
    }
  }
  return out;
}

/** @throws AppError `export.unwritable`; nothing was written then */
export const writeOut = (out: string, text: string): Promise<void> => writeWhole(out, [text]).catch(unwritable(out));

/** @throws AppError `export.unwritable`; nothing was written then */
export const copyOut = (from: string, out: string): Promise<void> => copyWhole(from, out).catch(unwritable(out));

/** @throws AppError `export.unwritable` */
export const unwritable =
  (out: string) =>
  (cause: unknown): never => {
    if (cause instanceof AppError) throw cause;
    throw new AppError('export.unwritable', { out, reason: reasonOf(cause) }, { cause });
  };
