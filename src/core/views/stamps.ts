import type Database from 'better-sqlite3';

/** Changes whenever what it stands for may have changed. */
interface Stamps {
  readonly images: string;
  readonly labels: string;
  readonly predictions: string;
}

const imagesKey = 'imagesVersion';

/**
 * To be called in a transaction that changes rows of `image`, `image_group` or `report_group`: lists of images that are
 * kept in memory are read anew.
 */
export function imagesChanged(db: Database.Database): void {
  db.prepare(
    `INSERT INTO setting (key, value) VALUES (?, '1')
     ON CONFLICT (key) DO UPDATE SET value = CAST(value AS INTEGER) + 1`,
  ).run(imagesKey);
}

export function stampsOf(db: Database.Database): Stamps {
  const row = db
    .prepare<[string], { images: string; labels: string; applied: number }>(
      `SELECT ifnull((SELECT max(id) FROM image), 0) || ' ' ||
           ifnull((SELECT value FROM setting WHERE key = ?), 0) AS images,
         ifnull((SELECT max(seq) FROM label_event), 0) || ' ' ||
           ifnull((SELECT max(seq) FROM class_event), 0) || ' ' || (SELECT count(*) FROM class) AS labels,
         ifnull((SELECT max(id) FROM batch WHERE folder IS NULL), 0) AS applied`,
    )
    .get(imagesKey);
  if (!row) throw new Error('a query without a row');
  const { images, labels, applied } = row;
  return { images, labels, predictions: batchStamp(db, applied) };
}

/** Of the predictions of one batch. */
export function batchStamp(db: Database.Database, batch: number): string {
  const state = String(db.prepare(`SELECT state FROM batch WHERE id = ?`).pluck().get(batch));
  // While a model names images there is no number that rises with each row but the database's own.
  return `${batch} ${state === 'naming' ? String(db.pragma('data_version', { simple: true })) : state}`;
}
