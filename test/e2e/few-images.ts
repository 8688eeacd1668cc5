import { cpSync, mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('../../', import.meta.url));

/** Copies the first images of three classes of the sample library: enough for a run, small enough for a test. */
export function copyFewImages(to: string, perClass: number): void {
  for (const name of ['basophil', 'eosinophil', 'platelet']) {
    const from = join(root, 'resources/sample/images', name);
    mkdirSync(join(to, name), { recursive: true });
    for (const file of readdirSync(from).sort().slice(0, perClass)) cpSync(join(from, file), join(to, name, file));
  }
}
