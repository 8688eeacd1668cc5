import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { z } from 'zod';
import { AppError } from '../../contract/errors.ts';
import { orDiskFull } from './errors.ts';

const ownerSchema = z.object({ host: z.string(), pid: z.int(), since: z.string() });
export type LockOwner = z.infer<typeof ownerSchema>;

/**
 * One writer per project. The lock proper is one of the operating system's (an exclusive transaction on an empty
 * database), so that it ends with the process, however it ends. Beside it a file says who holds it; on a network
 * file system, where such locks can't be trusted between computers, that file refuses other hosts.
 * @throws AppError `project.locked`, `project.diskFull`
 */
export function acquireLock(folder: string, network: boolean): { release(): void } {
  const ownerFile = join(folder, 'project.lock');
  const guard = new Database(join(folder, 'lock.db'), { timeout: 0 });
  try {
    guard.exec('BEGIN EXCLUSIVE');
  } catch (error) {
    guard.close();
    if ((error as { code?: string }).code !== 'SQLITE_BUSY') throw orDiskFull(error);
    throw lockedBy(readOwner(ownerFile));
  }
  const owner = readOwner(ownerFile);
  if (network && owner && owner.host !== hostname()) {
    guard.close();
    throw lockedBy(owner);
  }
  const mine: LockOwner = { host: hostname(), pid: process.pid, since: new Date().toISOString() };
  try {
    writeFileSync(ownerFile, JSON.stringify(mine), { mode: 0o600 });
  } catch (error) {
    guard.close();
    throw orDiskFull(error);
  }
  let held = true;
  return {
    release: () => {
      if (!held) return;
      held = false;
      rmSync(ownerFile, { force: true });
      guard.close();
    },
  };
}

function readOwner(file: string): LockOwner | null {
  try {
    return ownerSchema.parse(JSON.parse(readFileSync(file, 'utf8')));
  } catch {
    return null;
  }
}

function lockedBy(owner: LockOwner | null): AppError {
  return new AppError('project.locked', {
    host: owner?.host ?? 'this computer',
    pid: owner?.pid ?? 0,
    since: owner?.since ?? 'a moment ago',
  });
}
