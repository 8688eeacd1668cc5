import type Database from 'better-sqlite3';
import { AppError } from '../../contract/errors.ts';

const reasons: Record<string, string> = {
  EACCES: 'it may not be written',
  EPERM: 'it may not be written',
  EROFS: 'the disk is read-only',
  ENOSPC: 'the disk is full',
  ENOTDIR: 'a part of its path is a file',
  ENOENT: 'it is not there',
  SQLITE_FULL: 'the disk is full',
  SQLITE_CANTOPEN: 'it can not be opened',
  SQLITE_NOTADB: 'it is no database',
  SQLITE_CORRUPT: 'its pages are damaged',
};

const codeOf = (error: unknown): string => String((error as { code?: unknown } | null)?.code ?? '');

/** What went wrong, in words without a path. */
export function reasonOf(error: unknown): string {
  const code = codeOf(error);
  return reasons[code] ?? (code || (error instanceof Error ? error.message : String(error)));
}

const diskFullCodes = new Set(['SQLITE_FULL', 'SQLITE_IOERR_WRITE', 'SQLITE_IOERR_SHMSIZE', 'ENOSPC']);

/** `project.diskFull` where that is what went wrong, else the error itself. */
export const orDiskFull = (error: unknown): unknown =>
  diskFullCodes.has(codeOf(error)) ? new AppError('project.diskFull', {}, { cause: error }) : error;

/**
 * One transaction, all or nothing, on disk when it returns.
 * @throws AppError `project.diskFull`, `project.readOnly`
 */
export function transact<T>(db: Database.Database, work: () => T): T {
  try {
    return db.inTransaction ? work() : db.transaction(work).immediate();
  } catch (error) {
    if (codeOf(error).startsWith('SQLITE_READONLY')) throw new AppError('project.readOnly', {}, { cause: error });
    throw orDiskFull(error);
  }
}
