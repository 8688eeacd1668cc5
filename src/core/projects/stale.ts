import type Database from 'better-sqlite3';
import type { FinishedRun } from './run-facts.ts';

/** Whether labels were given, changed or taken away since a run was made; notes and what was only seen do not count. */
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
  const labelled = db
    .prepare(`SELECT 1 FROM label_event WHERE seq > ? AND kind IN ('class', 'none', 'unsure', 'skip', 'clear') LIMIT 1`)
    .get(since);
  if (labelled !== undefined) return true;
  return (
    db
      .prepare(`SELECT 1 FROM class_event WHERE time > ? AND kind IN ('merge', 'remove', 'restore') LIMIT 1`)
      .get(run.createdAt) !== undefined
  );
}
