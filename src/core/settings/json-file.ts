import { closeSync, fsyncSync, mkdirSync, openSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import type { z } from 'zod';

/** What a file holds, or `otherwise` where it is missing or damaged: it keeps nothing that a project does not have. */
export function readJson<S extends z.ZodType>(file: string, schema: S, otherwise: z.infer<S>): z.infer<S> {
  try {
    return schema.parse(JSON.parse(readFileSync(file, 'utf8'))) as z.infer<S>;
  } catch {
    return otherwise;
  }
}

/**
 * Writes a small file of the owner's whole or not at all. At once and not in turns, so that of two changes in one
 * process neither is lost.
 */
export function writeJson(file: string, value: unknown): void {
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  const temporary = `${file}.${process.pid}`;
  try {
    const handle = openSync(temporary, 'w', 0o600);
    try {
      writeFileSync(handle, JSON.stringify(value, null, 2));
      fsyncSync(handle);
    } finally {
      closeSync(handle);
    }
    renameSync(temporary, file);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw error;
  }
}
