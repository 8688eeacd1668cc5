import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';

/**
 * A wish of another process, which cannot write the database of a project that is in use: a file in the run's folder,
 * looked for by the process that does the run. `leave`: Acclimate is closed; the run is saved as by a pause, and says so.
 */
const wishSchema = z.enum(['pause', 'leave', 'cancel']);
export type Wish = z.infer<typeof wishSchema>;

const requestFile = (runFolder: string): string => join(runFolder, 'request.json');
const requestSchema = z.object({ wish: wishSchema });

export function writeRequest(runFolder: string, wish: Wish): void {
  const file = requestFile(runFolder);
  writeFileSync(`${file}.tmp`, JSON.stringify({ wish }), { mode: 0o600 });
  renameSync(`${file}.tmp`, file);
}

/** The wish, and the file is gone; null where there is none that makes sense. */
export function takeRequest(runFolder: string): Wish | null {
  const file = requestFile(runFolder);
  try {
    return requestSchema.parse(JSON.parse(readFileSync(file, 'utf8'))).wish;
  } catch {
    return null;
  } finally {
    rmSync(file, { force: true });
  }
}
