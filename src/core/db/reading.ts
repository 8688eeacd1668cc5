import { readFileSync, statSync } from 'node:fs';
import Database from 'better-sqlite3';

/** Where a database file says how it is written: https://sqlite.org/fileformat2.html, offsets 18 and 19. */
const writeVersion = 18;
const readVersion = 19;
const rollback = 1;

/** Where the index of the write-ahead log cannot be made: a read-only disk, a full one. */
const noIndexCodes: readonly unknown[] = ['SQLITE_CANTOPEN', 'SQLITE_IOERR_SHMSIZE', 'SQLITE_IOERR_SHMOPEN'];

/**
 * Opens a database to look only. On a disk that takes no files SQLite cannot make the index of the write-ahead log;
 * nobody can write there either, so where no log is left the bytes are taken as they are.
 */
export function openForReading(file: string): Database.Database {
  const db = new Database(file, { readonly: true, timeout: 5000 });
  try {
    db.pragma('user_version');
    return db;
  } catch (error) {
    db.close();
    const { code } = error as { code?: unknown };
    if (!noIndexCodes.includes(code) || hasLog(file)) throw error;
    const bytes = readFileSync(file);
    bytes[writeVersion] = rollback;
    bytes[readVersion] = rollback;
    return new Database(bytes, { readonly: true });
  }
}

/** An empty log, left by an attempt to open it, holds nothing. */
const hasLog = (file: string): boolean => (statSync(`${file}-wal`, { throwIfNoEntry: false })?.size ?? 0) > 0;
