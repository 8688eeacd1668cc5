import { closeSync, existsSync, fsyncSync, openSync, readFileSync, writeSync } from 'node:fs';
import { open } from 'node:fs/promises';
import type Database from 'better-sqlite3';
import { z } from 'zod';
import { transact } from '../db/errors.ts';
import { fileHash, type AuditStamp } from '../db/backup.ts';
import type { Project } from '../db/open.ts';
import { appendAudit, auditHead, type AuditPayload } from './log.ts';

/** Where the log stood when a file left the project, one line each. */
const lineSchema = z.object({ at: z.string(), what: z.string(), entries: z.int(), head: z.string() });
export type KeptStamp = z.infer<typeof lineSchema>;

/** Writes down that a file left the project, with its hash, and keeps the head that this makes beside the database. */
export function auditExport({ db, paths }: Project, payload: AuditPayload & { readonly what: string }): void {
  // Within somebody's transaction nothing is certain yet: it may be taken back, and a stamp stays.
  const isCertain = !db.inTransaction;
  transact(db, () => appendAudit(db, 'export', payload));
  if (!isCertain) return;
  const line: KeptStamp = { at: new Date().toISOString(), what: payload.what, ...auditHead(db) };
  try {
    const handle = openSync(paths.stamps, 'a', 0o600);
    writeSync(handle, `${JSON.stringify(line)}\n`);
    fsyncSync(handle);
    closeSync(handle);
  } catch {
    // What was exported is written and in the log; the next backup stamps it too.
  }
}

/** Stamps with the oldest first. A line that was cut off while it was written tells nothing. */
export function keptStamps(file: string): KeptStamp[] {
  if (!existsSync(file)) return [];
  return readFileSync(file, 'utf8')
    .split('\n')
    .flatMap((line) => {
      try {
        return [lineSchema.parse(JSON.parse(line))];
      } catch {
        return [];
      }
    });
}

const inReport = /<meta name="acclimate-audit" content="(\d+) ([0-9a-f]{64})" ?\/?>/;
/** A report says where the log stood near its beginning. */
const headBytes = 4096;

/** What a file that left the project tells of the log: its own hash, and of a report the stamp in it. */
export async function stampOfFile(file: string): Promise<{ sha256: string; stamp: AuditStamp | null }> {
  const [, entries, head] = inReport.exec(await beginningOf(file)) ?? [];
  return {
    sha256: await fileHash(file),
    stamp: entries === undefined || head === undefined ? null : { entries: Number(entries), head },
  };
}

/** A bundle may have gigabytes: no more of a file is held than is looked at. */
async function beginningOf(file: string): Promise<string> {
  const handle = await open(file, 'r');
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(headBytes), 0, headBytes, 0);
    return buffer.toString('utf8', 0, bytesRead);
  } finally {
    await handle.close();
  }
}

/** Whether the log tells of a file with this hash. */
export const isExported = (db: Database.Database, sha256: string): boolean =>
  db
    .prepare(
      `SELECT 1 FROM audit, json_each(audit.payload, '$.sha256') AS hash WHERE kind = 'export' AND hash.value = ?`,
    )
    .get(sha256) !== undefined;
