import { existsSync, readFileSync } from 'node:fs';
import Database from 'better-sqlite3';

/** Where a database file says how it is written: https://sqlite.org/fileformat2.html, offsets 18 and 19. */
const writeVersion = 18;
const readVersion = 19;
const rollback = 1;

/**
 * Opens a database to look only. On a disk that takes no files SQLite cannot make the index of the write-ahead log;
 * nobody can write there either, so the bytes are taken as they are.
 */
export function openForReading(file: string): Database.Database {
  const db = new Database(file, { readonly: true, timeout: 5000 });
  try {
    db.pragma('user_version');
    return db;
  } catch (error) {
    db.close();
    const { code } = error as { code?: unknown };
    if (code !== 'SQLITE_CANTOPEN' || existsSync(`${file}-wal`)) throw error;
    const bytes = readFileSync(file);
    bytes[writeVersion] = rollback;
    bytes[readVersion] = rollback;
    return new Database(bytes, { readonly: true });
  }
}
