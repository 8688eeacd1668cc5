import type Database from 'better-sqlite3';
import { transact } from '../db/errors.ts';

/** Where a rater was: last place, position in queues, saved filters, and the like. */
export function placeOf(db: Database.Database, rater: string, key: string): string | null {
  return (
    db
      .prepare<[string, string], string>(`SELECT value FROM place WHERE rater = ? AND key = ?`)
      .pluck()
      .get(rater, key) ?? null
  );
}

export function setPlace(db: Database.Database, place: { rater: string; key: string; value: string }): void {
  transact(db, () =>
    db
      .prepare(
        `INSERT INTO place (rater, key, value) VALUES (@rater, @key, @value)
         ON CONFLICT (rater, key) DO UPDATE SET value = excluded.value`,
      )
      .run(place),
  );
}
