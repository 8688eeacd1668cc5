import type Database from 'better-sqlite3';
import { transact } from '../db/errors.ts';
import { prepared } from '../db/prepared.ts';

/** Where a rater was: last place, position in queues, saved filters, and the like. */
export function placeOf(db: Database.Database, rater: string, key: string): string | null {
  return (
    db
      .prepare<[string, string], string>(`SELECT value FROM place WHERE rater = ? AND key = ?`)
      .pluck()
      .get(rater, key) ?? null
  );
}

/**
 * Not waited for until the disk has it: it is written with every step a rater takes. A crash of Acclimate loses
 * nothing of it, a power cut the last of it.
 */
export function setPlace(db: Database.Database, place: { rater: string; key: string; value: string }): void {
  const level = Number(db.pragma('synchronous', { simple: true }));
  db.pragma('synchronous = NORMAL');
  try {
    transact(db, () =>
      prepared(
        db,
        `INSERT INTO place (rater, key, value) VALUES (@rater, @key, @value)
         ON CONFLICT (rater, key) DO UPDATE SET value = excluded.value`,
      ).run(place),
    );
  } finally {
    db.pragma(`synchronous = ${level}`);
  }
}
