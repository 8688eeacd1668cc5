import type Database from 'better-sqlite3';
import { changedSql } from '../labels/changed.ts';
import type { FinishedRun } from './run-facts.ts';

/** Whether labels are others than when a run was made. */
export function isStale(db: Database.Database, run: Pick<FinishedRun, 'createdAt' | 'labelSeq'>): boolean {
  const since =
    run.labelSeq ??
    db
      .prepare<[string], number | null>(
        `SELECT max(label_event.seq) FROM label_batch JOIN label_event ON label_event.batch = label_batch.id
         WHERE label_batch.id = (SELECT max(id) FROM label_batch WHERE time <= ?)`,
      )
      .pluck()
      .get(run.createdAt) ??
    0;
  if (db.prepare(`${changedSql('seq')} LIMIT 1`).get({ since }) !== undefined) return true;
  return (
    db
      .prepare(`SELECT 1 FROM class_event WHERE time > ? AND kind IN ('merge', 'remove', 'restore') LIMIT 1`)
      .get(run.createdAt) !== undefined
  );
}
