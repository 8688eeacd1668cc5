import { mkdir, readFile } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import type { z } from 'zod';
import { AppError } from '../contract/errors.ts';
import { throwDiskFull, writeWhole } from './whole.ts';

/**
 * Parses a JSON file of a run folder.
 * @throws AppError `job.run-folder`
 */
export async function readRunJson<S extends z.ZodType>(path: string, schema: S): Promise<z.infer<S>> {
  const fail = (reason: string, cause: unknown): AppError =>
    new AppError('job.run-folder', { file: basename(path), reason }, { cause });
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (cause) {
    throw fail('is missing', cause);
  }
  try {
    return schema.parse(JSON.parse(text));
  } catch (cause) {
    throw fail('does not hold what it should', cause);
  }
}

/**
 * Writes a JSON file of a run folder, whole or not at all.
 * @throws AppError `disk.full`
 */
export async function writeRunJson(path: string, value: unknown): Promise<void> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 }).catch(throwDiskFull);
  await writeWhole(path, [`${JSON.stringify(value, null, 1)}\n`]).catch(throwDiskFull);
}
