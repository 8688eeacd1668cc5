import { createHash } from 'node:crypto';
import { createReadStream, existsSync, readFileSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import Database from 'better-sqlite3';
import { z } from 'zod';

const keptBackups = 5;
const day = 24 * 3600 * 1000;
const namePattern = /^project-(\d{8}T\d{9}Z)\.db$/;

/** Where the audit log stood when a copy was made: a log cut short behind it is found. */
const stampSchema = z.object({ entries: z.int(), head: z.string() });
export type AuditStamp = z.infer<typeof stampSchema>;
const sidecarSchema = stampSchema.extend({ createdAt: z.string(), version: z.int(), sha256: z.string() });
export type BackupInfo = z.infer<typeof sidecarSchema> & { readonly file: string };

/** Backups with a readable sidecar, oldest first. */
export function listBackups(folder: string): BackupInfo[] {
  if (!existsSync(folder)) return [];
  const found: BackupInfo[] = [];
  for (const name of readdirSync(folder).sort()) {
    if (!namePattern.test(name)) continue;
    try {
      const sidecar = sidecarSchema.parse(JSON.parse(readFileSync(join(folder, `${name}.json`), 'utf8')));
      found.push({ ...sidecar, file: join(folder, name) });
    } catch {
      // A copy whose sidecar is missing was never finished; it is not offered.
    }
  }
  return found;
}

/** File names of the backups, newest first, for a sentence. */
export function backupNames(folder: string): string {
  const names = listBackups(folder).map(({ file }) => file);
  return names.length ? names.reverse().join(', ') : 'none yet';
}

export function isBackupDue(folder: string, now = Date.now()): boolean {
  const newest = listBackups(folder).at(-1);
  return !newest || now - Date.parse(newest.createdAt) >= day;
}

/** A consistent copy of the database with its stamp; only the newest five are kept. */
export async function backUp(db: Database.Database, folder: string): Promise<string> {
  const createdAt = new Date().toISOString();
  const file = join(folder, `project-${createdAt.replaceAll(/[-:.]/g, '')}.db`);
  const unfinished = `${file}.part`;
  const stamp = await copyDatabase(db, unfinished);
  const sidecar = {
    createdAt,
    version: Number(db.pragma('user_version', { simple: true })),
    ...stamp,
    sha256: await fileHash(unfinished),
  };
  renameSync(unfinished, file);
  writeFileSync(`${file}.json`, JSON.stringify(sidecar), { mode: 0o600 });
  for (const old of listBackups(folder).slice(0, -keptBackups)) {
    rmSync(old.file, { force: true });
    rmSync(`${old.file}.json`, { force: true });
  }
  return file;
}

/** A consistent copy of a database as one file, and where its audit log stands. */
export async function copyDatabase(db: Database.Database, file: string): Promise<AuditStamp> {
  await db.backup(file);
  return closeCopy(file);
}

/** Makes the copy one closed file. The stamp is the copy's: the database may have gone on meanwhile. */
function closeCopy(file: string): AuditStamp {
  const copy = new Database(file);
  try {
    // One file, without the write-ahead log's companions.
    copy.pragma('journal_mode = DELETE');
    const hasLog = copy.prepare(`SELECT 1 FROM sqlite_schema WHERE name = 'audit'`).get() !== undefined;
    if (!hasLog) return { entries: 0, head: '' };
    const last = copy.prepare<[], { seq: number; hash: string }>(
      `SELECT seq, hash FROM audit ORDER BY seq DESC LIMIT 1`,
    );
    const head = last.get();
    return { entries: head?.seq ?? 0, head: head?.hash ?? '' };
  } finally {
    copy.close();
  }
}

/** sha256 of a file's bytes, hex. */
export async function fileHash(file: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(file), hash);
  return hash.digest('hex');
}
