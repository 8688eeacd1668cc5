import { createWriteStream, existsSync } from 'node:fs';
import { mkdir, readdir, rm } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { openPromise, type Entry, type ZipFile } from 'yauzl';
import { AppError } from '../../contract/errors.ts';
import { orDiskFull, reasonOf } from '../db/errors.ts';
import { resolvedPath } from '../db/file-system.ts';
import type { Project } from '../db/open.ts';
import { useProject } from '../db/projects.ts';
import { identify } from '../projects/restore.ts';
import { assertProjectPlace } from '../settings/places.ts';
import { Counted } from './counted.ts';
import { bundleFile, bundleSchema, isOurs, type Bundle } from './format.ts';

/** Far above what a list of the files of the largest project takes. */
const mostListBytes = 64_000_000;

/**
 * Makes a new project of a bundle, with an id of its own; its audit trail says where it comes from. Nothing is written
 * but files of ours whose bytes are those the bundle says.
 * @throws AppError `bundle.unreadable`, `project.notEmpty`, `project.insideImages`, `project.outsideRoot`, `project.diskFull`
 */
export async function openBundle(file: string, into: string, signal: AbortSignal): Promise<Project> {
  const root = resolvedPath(resolve(into));
  assertProjectPlace(root);
  if (existsSync(root) && (await readdir(root)).length > 0) throw new AppError('project.notEmpty', { folder: root });
  const isNew = !existsSync(root);
  const zip = await orUnreadable(file, () => openPromise(file, { autoClose: false, strictFileNames: true }));
  try {
    await mkdir(root, { recursive: true, mode: 0o700 });
    const bundle = await orUnreadable(file, () => unpack(zip, root, signal));
    const { createdAt, entries, head, project } = bundle;
    identify(project, { createdAt, entries, head }, root);
    return await useProject(root);
  } catch (error) {
    for (const name of isNew ? [''] : await readdir(root)) await rm(join(root, name), { recursive: true, force: true });
    throw orDiskFull(error);
  } finally {
    zip.close();
  }
}

async function unpack(zip: ZipFile, root: string, signal: AbortSignal): Promise<Bundle> {
  let bundle: Bundle | undefined;
  const missing = new Map<string, Bundle['files'][number]>();
  for await (const entry of zip.eachEntry()) {
    signal.throwIfAborted();
    const { fileName: path } = entry;
    if (!bundle) {
      // It comes first: without it nothing is written.
      if (path !== bundleFile) throw new Error('it does not begin with its list of files');
      bundle = bundleSchema.parse(JSON.parse(await textOf(zip, entry)));
      for (const each of bundle.files) missing.set(each.path, each);
      continue;
    }
    const expected = missing.get(path);
    if (!expected || !isOurs(path)) throw new Error(`it holds ${path}, which is no file of a project`);
    missing.delete(path);
    // The table is for people without Acclimate; in a project it would be somebody else's file.
    const to = path === 'labels.csv' ? null : join(root, ...path.split('/'));
    await extract(zip, entry, expected, to);
  }
  const [first] = missing.keys();
  if (!bundle || first !== undefined) throw new Error(`it lacks ${first ?? bundleFile}`);
  return bundle;
}

async function textOf(zip: ZipFile, entry: Entry): Promise<string> {
  if (entry.uncompressedSize > mostListBytes) throw new Error('its list of files is too long');
  const parts: Buffer[] = [];
  for await (const chunk of await zip.openReadStreamPromise(entry)) parts.push(chunk as Buffer);
  return Buffer.concat(parts).toString('utf8');
}

/** Writes a file, or only looks at it, and holds it against its hash. */
async function extract(
  zip: ZipFile,
  entry: Entry,
  { path, bytes, sha256 }: Bundle['files'][number],
  to: string | null,
): Promise<void> {
  if (entry.uncompressedSize !== bytes) throw new Error(`${path} is not as long as it should be`);
  const counted = new Counted();
  if (to !== null) await mkdir(dirname(to), { recursive: true, mode: 0o700 });
  const end =
    to === null
      ? new Writable({ write: (_chunk, _, done) => done() })
      : createWriteStream(to, { flags: 'wx', mode: 0o600 });
  await pipeline(await zip.openReadStreamPromise(entry), counted, end);
  if (counted.sha256() !== sha256) throw new Error(`${path} was changed`);
}

async function orUnreadable<T>(file: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    const full = orDiskFull(cause);
    if (full instanceof AppError || (cause as Error).name === 'AbortError') throw full;
    throw new AppError('bundle.unreadable', { file, reason: reasonOf(cause) }, { cause });
  }
}
