import type Database from 'better-sqlite3';

/** The batch that names the images of the project now: the newest one of its own images. Null before any. */
export function appliedBatch(db: Database.Database): number | null {
  const id = db
    .prepare(`SELECT id FROM batch WHERE folder IS NULL AND state IN ('naming', 'done') ORDER BY id DESC LIMIT 1`)
    .pluck()
    .get();
  return id === undefined ? null : Number(id);
}
