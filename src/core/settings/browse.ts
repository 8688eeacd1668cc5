import type { Dirent } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import type { CoreCalls } from '../../contract/core-calls.ts';
import { AppError } from '../../contract/errors.ts';
import type { OutputOf } from '../../rpc/types.ts';
import { isInside, resolvedPath } from '../db/file-system.ts';
import { imageNames } from '../library/scan.ts';

/** A folder of images can hold a million; what a person reads through is less. */
const mostFiles = 500;
const hidden = /^[.$]/;
const listed = {
  tables: /\.(csv|tsv|txt)$/i,
  weights: /\.(pth|pt|bin|npz|safetensors|tar|ckpt)$/i,
  bundles: /\.zip$/i,
};

/**
 * What is in a folder, for a shell without a native picker.
 * @param roots folders below which may be looked; null lets everything be seen
 * @throws AppError `seat.path`, `folder.missing`, `folder.unreadable`
 */
export async function browse(
  path: string | null,
  files: keyof typeof listed,
  roots: readonly string[] | null,
): Promise<OutputOf<CoreCalls, 'files.browse'>> {
  const places = roots?.map((root) => resolvedPath(resolve(root))) ?? null;
  if (path === null && places !== null && places.length !== 1) return listOfRoots(places);
  const folder = resolvedPath(resolve(path ?? places?.[0] ?? homedir()));
  const allowed = (inner: string): boolean => places === null || places.some((root) => isInside(inner, root));
  if (!allowed(folder)) throw new AppError('seat.path');
  const entries = (await listing(folder)).filter(({ name }) => !hidden.test(name));
  const up = dirname(folder);
  const names = entries.filter((entry) => entry.isFile()).map(({ name }) => name);
  return {
    path: folder,
    parent: up !== folder && allowed(up) ? up : null,
    folders: entries
      .filter((entry) => entry.isDirectory())
      .map(({ name }) => ({ name, path: join(folder, name) }))
      .sort(byName),
    files: await withBytes(folder, names.filter((name) => listed[files].test(name)).slice(0, mostFiles)),
    images: names.filter((name) => imageNames.test(name)).length,
  };
}

const collator = new Intl.Collator('en', { numeric: true });
const byName = (a: { name: string }, b: { name: string }): number => collator.compare(a.name, b.name);

const listOfRoots = (roots: readonly string[]): OutputOf<CoreCalls, 'files.browse'> => ({
  path: '',
  parent: null,
  folders: roots.map((root) => ({ name: root, path: root })).sort(byName),
  files: [],
  images: 0,
});

async function listing(folder: string): Promise<Dirent[]> {
  try {
    return await readdir(folder, { withFileTypes: true });
  } catch (error) {
    const code = (error as { code?: string }).code;
    const gone = code === 'ENOENT' || code === 'ENOTDIR';
    throw new AppError(gone ? 'folder.missing' : 'folder.unreadable', { folder }, { cause: error });
  }
}

async function withBytes(folder: string, names: readonly string[]) {
  const files = await Promise.all(
    names.map(async (name) => {
      const path = join(folder, name);
      const found = await stat(path).catch(() => null);
      return found ? [{ name, path, bytes: found.size }] : [];
    }),
  );
  return files.flat().sort(byName);
}
