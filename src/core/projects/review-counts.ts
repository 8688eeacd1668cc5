import type Database from 'better-sqlite3';
import { importedRater } from '../labels/log.ts';

/** The newest model applied to the project's own images. */
export interface AppliedFacts {
  readonly batch: number;
  readonly run: string;
  readonly at: string;
  readonly naming: boolean;
  readonly closed: boolean;
  readonly named: number;
  readonly newImages: number;
  readonly toReview: number;
}

interface Row {
  readonly id: number;
  readonly run: string;
  readonly state: string;
  readonly created_at: string;
  readonly closed: number;
  readonly classes: string;
  readonly threshold: number;
  readonly thresholds: string;
}

/** While naming goes on, numbers are counted anew at most this often. */
const namingMs = 2000;

/**
 * What is left to review of the applied model. Counted once for its thresholds; then only images with a new label or
 * confirmation are looked at again.
 */
export class ReviewCounts {
  readonly #db: Database.Database;
  /** Below the threshold of their class and not reviewed. */
  readonly #open = new Set<number>();
  /** Below the threshold. */
  readonly #below = new Set<number>();
  #named = 0;
  #newImages = 0;
  #key = '';
  #library = '';
  #seen = 0;
  #counted = 0;

  constructor(db: Database.Database) {
    this.#db = db;
  }

  now(library: string): AppliedFacts | null {
    const row = this.#db
      .prepare<[], Row>(
        `SELECT id, run, state, created_at, closed, classes, threshold, thresholds FROM batch
         WHERE folder IS NULL AND state IN ('naming', 'done') ORDER BY id DESC LIMIT 1`,
      )
      .get();
    if (!row) return null;
    const key = JSON.stringify([row.id, row.state, row.threshold, row.thresholds]);
    const naming = row.state === 'naming';
    const stale = key !== this.#key || (naming && performance.now() - this.#counted > namingMs);
    const seen = this.#db.prepare<[], number | null>(`SELECT max(seq) FROM label_event`).pluck().get() ?? 0;
    if (stale) this.#countAll(row);
    else this.#follow(this.#seen);
    if (stale || library !== this.#library) this.#newImages = naming ? 0 : this.#arrived(row.id);
    this.#seen = seen;
    this.#key = key;
    this.#library = library;
    return {
      batch: row.id,
      run: row.run,
      at: row.created_at,
      naming,
      closed: row.closed === 1,
      named: this.#named,
      newImages: this.#newImages,
      toReview: this.#open.size,
    };
  }

  #countAll({ id, classes, threshold, thresholds }: Row): void {
    this.#below.clear();
    this.#open.clear();
    this.#counted = performance.now();
    this.#named = Number(this.#db.prepare(`SELECT count(*) FROM prediction WHERE batch = ?`).pluck().get(id));
    const own = JSON.parse(thresholds) as Record<string, number>;
    const below = this.#db
      .prepare<[number, number, number], number>(
        `SELECT image FROM prediction WHERE batch = ? AND class = ? AND probability < ?`,
      )
      .pluck();
    for (const [index, name] of (JSON.parse(classes) as string[]).entries()) {
      for (const image of below.iterate(id, index, own[name] ?? threshold)) this.#below.add(image);
    }
    const reviewed = this.#db
      .prepare<[], number>(
        `SELECT image FROM confirmed UNION
         SELECT image FROM label WHERE kind IN ('class', 'none') AND rater <> '${importedRater}'`,
      )
      .pluck();
    for (const image of this.#below) this.#open.add(image);
    for (const image of reviewed.iterate()) this.#open.delete(image);
  }

  #follow(seen: number): void {
    const images = this.#db
      // By its number: by image, as the planner would for DISTINCT, the whole log is walked at each label.
      .prepare<[number], number>(`SELECT DISTINCT image FROM label_event NOT INDEXED WHERE seq > ?`)
      .pluck()
      .all(seen);
    const reviewed = this.#db
      .prepare<[number, number], number>(
        `SELECT EXISTS (SELECT 1 FROM confirmed WHERE image = ?)
             OR EXISTS (SELECT 1 FROM label WHERE image = ? AND kind IN ('class', 'none') AND rater <> '${importedRater}')`,
      )
      .pluck();
    for (const image of images) {
      if (!this.#below.has(image)) continue;
      if (reviewed.get(image, image)) this.#open.delete(image);
      else this.#open.add(image);
    }
  }

  /** Images with higher numbers than any that was named: numbers rise and are never given twice. */
  #arrived(batch: number): number {
    const last = this.#db
      .prepare<[number], number | null>(`SELECT max(image) FROM prediction WHERE batch = ?`)
      .pluck()
      .get(batch);
    return Number(
      this.#db
        .prepare(`SELECT count(*) FROM image WHERE id > ? AND role = 'main' AND state = 'ok'`)
        .pluck()
        .get(last ?? 0),
    );
  }
}
