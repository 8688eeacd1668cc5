import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { readPolicy } from '../../files/policy.ts';

/** Where new projects go, unless the user chooses: what the administrator fixed, else among the user's documents. */
export function defaultProjects(): string {
  const { projectRoot } = readPolicy();
  if (projectRoot !== undefined) return projectRoot;
  const documents = join(homedir(), 'Documents');
  return join(existsSync(documents) ? documents : homedir(), 'Acclimate');
}
