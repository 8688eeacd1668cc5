import type Database from 'better-sqlite3';
import type { CoreCalls } from '../../contract/core-calls.ts';
import type { AuditEntry } from '../../contract/audit.ts';
import type { InputOf, OutputOf } from '../../rpc/types.ts';
import type { AuditRow } from './log.ts';
import { parsed } from './verify-tables.ts';

const raterSql = `json_extract(payload, '$.rater')`;

/** Entries of the log that fit, newest first. */
export function listAudit(
  db: Database.Database,
  { kind, by, before, limit }: Pick<InputOf<CoreCalls, 'audit.list'>, 'kind' | 'by' | 'before' | 'limit'>,
): OutputOf<CoreCalls, 'audit.list'> {
  const fits = `(@kind IS NULL OR kind = @kind)
    AND (@any OR (@by IS NULL AND ${raterSql} IS NULL) OR ${raterSql} = @by)`;
  const wanted = { kind: kind ?? null, any: by === undefined ? 1 : 0, by: by ?? null };
  const rows = db
    .prepare<[object], AuditRow>(`SELECT * FROM audit WHERE ${fits} AND seq < @before ORDER BY seq DESC LIMIT @limit`)
    .all({ ...wanted, before: before ?? Number.MAX_SAFE_INTEGER, limit });
  const strings = (sql: string): string[] => db.prepare<[], string>(sql).pluck().all();
  return {
    entries: rows.map(entryOf),
    count: Number(db.prepare(`SELECT count(*) FROM audit WHERE ${fits}`).pluck().get(wanted)),
    kinds: strings(`SELECT DISTINCT kind FROM audit ORDER BY 1`),
    raters: strings(`SELECT DISTINCT ${raterSql} FROM audit WHERE ${raterSql} IS NOT NULL ORDER BY 1`),
  };
}

function entryOf({ seq, time, kind, payload, hash }: AuditRow): AuditEntry {
  const { rater, digest: _, ...rest } = parsed(payload);
  const detail = Object.fromEntries(
    Object.entries(rest).flatMap(([name, value]) =>
      typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' ? [[name, value]] : [],
    ),
  );
  return { seq, time, kind, rater: typeof rater === 'string' && rater !== '' ? rater : null, detail, hash };
}
