import { randomUUID } from 'node:crypto';
import { existsSync, statSync } from 'node:fs';
import { copyFile, link, mkdir, readdir, rm } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import Database from 'better-sqlite3';
import type { CoreCalls } from '../../contract/core-calls.ts';
import { AppError } from '../../contract/errors.ts';
import { projectWeightsFolder } from '../../files/weights-folder.ts';
import type { OutputOf } from '../../rpc/types.ts';
import { appendAudit } from '../audit/log.ts';
import { fileHash, listBackups, type BackupInfo } from '../db/backup.ts';
import { orDiskFull, transact } from '../db/errors.ts';
import { isInside, resolvedPath } from '../db/file-system.ts';
import type { Project } from '../db/open.ts';
import { useProject } from '../db/projects.ts';
import { imageFolders, writeSetting } from '../library/paths.ts';
import { assertProjectPlace } from '../settings/places.ts';
import type { Origin } from './origin.ts';

/** Newest first. */
export function backupsOf(backups: string): OutputOf<CoreCalls, 'projects.backups'>['backups'] {
  return listBackups(backups)
    .map(({ file, createdAt, entries, version }) => ({
      name: basename(file),
      createdAt,
      entries,
      version,
      bytes: statSync(file).size,
    }))
    .reverse();
}

/**
 * Makes a new project of a backup. The old one stays as it is: the new one has an id of its own, so that both can be
 * open, and its audit trail says which backup it comes from. Runs the backup knows come along.
 * @throws AppError `project.unknownBackup`, `project.badBackup`, `project.notEmpty`, `project.insideImages`,
 *   `project.outsideRoot`, `project.diskFull`
 */
export async function restoreBackup(origin: Origin, name: string, into: string): Promise<Project> {
  const root = resolvedPath(resolve(into));
  assertProjectPlace(root);
  const backup = listBackups(join(origin.folder, 'backups')).find(({ file }) => basename(file) === name);
  if (!backup) throw new AppError('project.unknownBackup', { backup: name });
  if ((await fileHash(backup.file)) !== backup.sha256) throw new AppError('project.badBackup', { backup: name });
  if (existsSync(root) && (await readdir(root)).length > 0) throw new AppError('project.notEmpty', { folder: root });
  const isNew = !existsSync(root);
  try {
    await mkdir(root, { recursive: true, mode: 0o700 });
    await copyFile(backup.file, join(root, 'project.db'));
    identify(origin, backup, root);
    await linkTree(join(origin.folder, 'runs'), join(root, 'runs'));
    await linkTree(projectWeightsFolder(origin.folder), projectWeightsFolder(root));
    return await useProject(root);
  } catch (error) {
    await rm(isNew ? root : join(root, 'project.db'), { recursive: true, force: true });
    throw orDiskFull(error);
  }
}

/** Before anybody opens it: a second database with the id of the first would be taken for it. */
export function identify(
  origin: Pick<Origin, 'id' | 'name'>,
  { createdAt, entries, head }: Pick<BackupInfo, 'createdAt' | 'entries' | 'head'>,
  root: string,
): void {
  const db = new Database(join(root, 'project.db'));
  try {
    for (const images of imageFolders(db)) {
      const real = resolvedPath(images);
      if (isInside(root, real) || isInside(real, root)) {
        throw new AppError('project.insideImages', { project: root, folder: images });
      }
    }
    transact(db, () => {
      writeSetting(db, 'project', randomUUID());
      writeSetting(db, 'name', `${origin.name} (${createdAt.slice(0, 10)})`);
      appendAudit(db, 'restore', { backup: createdAt, entries, head, from: origin.id });
    });
  } finally {
    db.close();
  }
}

/** Files of runs are written whole and never changed, so two projects can share them on one disk. */
async function linkTree(from: string, to: string): Promise<void> {
  if (!existsSync(from)) return;
  await mkdir(to, { recursive: true, mode: 0o700 });
  for (const entry of await readdir(from, { withFileTypes: true })) {
    const [source, target] = [join(from, entry.name), join(to, entry.name)];
    if (entry.isDirectory()) await linkTree(source, target);
    else if (entry.isFile()) await link(source, target).catch(() => copyFile(source, target));
  }
}
