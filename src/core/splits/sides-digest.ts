import { createHash } from 'node:crypto';
import type Database from 'better-sqlite3';

/** Hash of which images and groups are on which side. */
export function sidesDigest(db: Database.Database): string {
  const ids = (sql: string): string =>
    String(db.prepare(`SELECT group_concat(id) FROM (${sql} ORDER BY id)`).pluck().get());
  return createHash('sha256')
    .update(
      JSON.stringify([
        ...['training', 'check', 'excluded'].map((side) => ids(`SELECT id FROM image WHERE side = '${side}'`)),
        ids(`SELECT id FROM image_group WHERE side = 'check'`),
      ]),
    )
    .digest('hex');
}
