import type Database from 'better-sqlite3';
import { changedSql } from '../labels/changed.ts';
import { last } from './label-counts.ts';
import type { FinishedRun } from './run-facts.ts';

export interface Changes {
  /** Images of which something else is said now than the run was given. */
  readonly images: number;
  /** Classes were merged, removed or brought back. */
  readonly classes: boolean;
}

interface Event {
  readonly image: number;
  readonly rater: string;
}

/** What is said otherwise than when a run was made, following the log: after a label only that image is looked at. */
export class ChangedSince {
  readonly #db: Database.Database;
  /** Raters who say something else now, of each image. */
  readonly #raters = new Map<number, Set<string>>();
  #run = '';
  #since = 0;
  #seen = 0;

  constructor(db: Database.Database) {
    this.#db = db;
  }

  now(run: Pick<FinishedRun, 'id' | 'createdAt' | 'labelSeq'>): Changes {
    if (run.id !== this.#run) {
      this.#raters.clear();
      this.#run = run.id;
      this.#since = run.labelSeq ?? this.#labelAt(run.createdAt);
      this.#seen = this.#since;
    }
    this.#follow();
    return { images: this.#raters.size, classes: this.#classesChanged(run.createdAt) };
  }

  #follow(): void {
    const newest = last(this.#db, 'label_event');
    if (newest === this.#seen) return;
    const told = this.#db.prepare<[number], Event>(`SELECT image, rater FROM label_event WHERE seq > ?`);
    for (const { image, rater } of told.all(this.#seen)) {
      const raters = this.#raters.get(image);
      if (raters?.delete(rater) && raters.size === 0) this.#raters.delete(image);
    }
    const differs = this.#db.prepare<{ since: number; seen: number }, Event>(
      `${changedSql('seq')} AND event.seq > @seen`,
    );
    for (const { image, rater } of differs.all({ since: this.#since, seen: this.#seen })) {
      const raters = this.#raters.get(image) ?? new Set();
      this.#raters.set(image, raters.add(rater));
    }
    this.#seen = newest;
  }

  /** The newest label that was written before a time, for a run that did not keep it. */
  #labelAt(time: string): number {
    return Number(
      this.#db
        .prepare(
          `SELECT ifnull(max(label_event.seq), 0) FROM label_batch JOIN label_event ON label_event.batch = label_batch.id
           WHERE label_batch.id = (SELECT max(id) FROM label_batch WHERE time <= ?)`,
        )
        .pluck()
        .get(time),
    );
  }

  #classesChanged(since: string): boolean {
    const found = this.#db
      .prepare(`SELECT 1 FROM class_event WHERE time > ? AND kind IN ('merge', 'remove', 'restore') LIMIT 1`)
      .get(since);
    return found !== undefined;
  }
}
