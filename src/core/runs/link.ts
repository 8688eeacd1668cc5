import { copyFileSync, linkSync } from 'node:fs';

/**
 * A file of one run for another: the same one where the file system can, as nothing in a run's folder is changed in
 * place.
 */
export function linkOrCopy(from: string, to: string): void {
  try {
    linkSync(from, to);
  } catch {
    copyFileSync(from, to);
  }
}
