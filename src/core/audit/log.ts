import { createHash } from 'node:crypto';
import type Database from 'better-sqlite3';
import { prepared } from '../db/prepared.ts';

/** What is written down. `restore`: a backup was made a project of its own. `seen`: results were opened. */
export type AuditKind =
  | 'import'
  | 'labels'
  | 'split'
  | 'run'
  | 'check'
  | 'export'
  | 'weights'
  | 'relink'
  | 'restore'
  | 'seen'
  | 'choose'
  | 'confirm'
  | 'apply';
export type AuditPayload = Readonly<Record<string, unknown>>;

export interface AuditRow {
  readonly seq: number;
  readonly time: string;
  readonly kind: string;
  readonly payload: string;
  readonly previous: string;
  readonly hash: string;
}

/** JSON with sorted keys: the same value gives the same bytes. */
export function canonicalJson(value: unknown): string {
  // Thousands of rows of an act: their columns come in order, and the engine's own function is much faster.
  if (isInOrder(value)) return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
  const entries = Object.entries(value as object)
    .filter(([, inner]) => inner !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${entries.map(([key, inner]) => `${JSON.stringify(key)}:${canonicalJson(inner)}`).join(',')}}`;
}

/** Whether every key in it comes after the one before it. */
function isInOrder(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return true;
  if (Array.isArray(value)) return value.every(isInOrder);
  let before = '';
  for (const key of Object.keys(value)) {
    if (key < before || !isInOrder((value as Record<string, unknown>)[key])) return false;
    before = key;
  }
  return true;
}

/** Of a text's UTF-8, or of bytes; hex. */
export const sha256 = (of: string | Uint8Array): string => createHash('sha256').update(of).digest('hex');

/** Hash of one entry over everything in it and the hash before it. */
export const entryHash = (entry: Omit<AuditRow, 'hash'>): string =>
  sha256(canonicalJson([entry.seq, entry.time, entry.kind, entry.payload, entry.previous]));

/** Adds an entry to the chain. Call it in the transaction of what it tells of. */
export function appendAudit(db: Database.Database, kind: AuditKind, payload: AuditPayload): number {
  const last = auditHead(db);
  const entry = {
    seq: last.entries + 1,
    time: new Date().toISOString(),
    kind,
    payload: canonicalJson(payload),
    previous: last.head,
  };
  prepared(
    db,
    `INSERT INTO audit (seq, time, kind, payload, previous, hash)
     VALUES (@seq, @time, @kind, @payload, @previous, @hash)`,
  ).run({ ...entry, hash: entryHash(entry) });
  prepared(
    db,
    `INSERT INTO setting (key, value) SELECT ?, json_object('entries', seq, 'head', hash) FROM audit WHERE seq = ?
     ON CONFLICT (key) DO UPDATE SET value = excluded.value`,
  ).run(headKey, entry.seq);
  return entry.seq;
}

/** Setting that holds count and head once more, so that an entry taken from the end is missed. */
export const headKey = 'auditHead';

/** Count and head of the chain: what is stamped into backups, reports and exports. */
export function auditHead(db: Database.Database): { entries: number; head: string } {
  const last = prepared<[], { seq: number; hash: string }>(
    db,
    `SELECT seq, hash FROM audit ORDER BY seq DESC LIMIT 1`,
  ).get();
  return { entries: last?.seq ?? 0, head: last?.hash ?? '' };
}
