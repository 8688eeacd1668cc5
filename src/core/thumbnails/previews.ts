import { keyOf } from './keys.ts';

/** Pictures of folders that are only looked at: the newest ones, known by their keys, never by their paths. */
const most = 2000;
const paths = new Map<string, string>();
let next = 0;

/** The address of a picture of a folder that is no project's yet. */
export function previewKey(path: string): string {
  const key = keyOf('preview', next++).toString('base64url');
  paths.set(key, path);
  for (const oldest of paths.keys()) {
    if (paths.size <= most) break;
    paths.delete(oldest);
  }
  return key;
}

export const previewPath = (key: string): string | undefined => paths.get(key);
