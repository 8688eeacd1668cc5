import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { AppError } from '../../contract/errors.ts';
import { readPolicy } from '../../files/policy.ts';
import { isInside, resolvedPath } from '../db/file-system.ts';

/** Where new projects go, unless the user chooses: what the administrator fixed, else among the user's documents. */
export function defaultProjects(): string {
  const { projectRoot } = readPolicy();
  if (projectRoot !== undefined) return projectRoot;
  const documents = join(homedir(), 'Documents');
  return join(existsSync(documents) ? documents : homedir(), 'Acclimate');
}

/** Whether a new project may be made there. @throws AppError `project.outsideRoot` */
export function assertProjectPlace(folder: string): void {
  const { projectRoot: root } = readPolicy();
  if (root === undefined || isInside(resolvedPath(resolve(folder)), resolvedPath(resolve(root)))) return;
  throw new AppError('project.outsideRoot', { root });
}
