import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { sha256 } from '../audit/log.ts';

/** What a run was made to do and what came out: its numbers are read from these. */
const resultFiles = ['spec.json', 'scores.json', 'scored.json'];

/** SHA-256 of the files of a finished run that hold its results, by name. */
export const resultHashes = (runFolder: string): Record<string, string> =>
  Object.fromEntries(
    resultFiles
      .map((name) => [name, join(runFolder, name)] as const)
      .filter(([, file]) => existsSync(file))
      .map(([name, file]) => [name, sha256(readFileSync(file))]),
  );
