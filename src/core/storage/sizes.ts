import { readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';

/** Bytes of a file or of everything below a folder; 0 where there is none. Links are not followed. */
export async function bytesOf(path: string): Promise<number> {
  const found = await stat(path).catch(() => null);
  if (!found) return 0;
  if (!found.isDirectory()) return found.size;
  let total = 0;
  for (const entry of await readdir(path, { withFileTypes: true }).catch(() => [])) {
    if (entry.isDirectory()) total += await bytesOf(join(path, entry.name));
    else if (entry.isFile()) total += (await stat(join(path, entry.name)).catch(() => null))?.size ?? 0;
  }
  return total;
}

/** Removes what is in a folder and keeps the folder. */
export async function emptyFolder(path: string): Promise<void> {
  for (const name of await readdir(path).catch(() => [])) await rm(join(path, name), { recursive: true, force: true });
}
