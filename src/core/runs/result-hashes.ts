import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** What a run was made to do and what came out: its numbers are read from these. */
const resultFiles = ['spec.json', 'scores.json', 'scored.json'];

/** SHA-256 of the files of a finished run that hold its results, by name. */
export const resultHashes = (runFolder: string): Record<string, string> =>
  Object.fromEntries(
    resultFiles
      .map((name) => [name, join(runFolder, name)] as const)
      .filter(([, file]) => existsSync(file))
      .map(([name, file]) => [name, createHash('sha256').update(readFileSync(file)).digest('hex')]),
  );
