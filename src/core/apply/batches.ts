import { basename } from 'node:path';
import type Database from 'better-sqlite3';
import { z } from 'zod';
import type { Batch, UnlikeShare } from '../../contract/calls/apply.ts';
import { AppError } from '../../contract/errors.ts';
import { unlikeSchema, type ArmName, type Unlike } from '../../contract/run-files.ts';
import { importedRater } from '../labels/log.ts';
import { runNumber } from '../projects/run-facts.ts';
import { isFarAbove } from '../../statistics/far-above.ts';

/** A batch as the table holds it. */
export interface StoredBatch {
  readonly id: number;
  readonly run: string;
  readonly arm: ArmName;
  /** Absolute; null for the images of the project. */
  readonly folder: string | null;
  readonly state: Batch['state'];
  readonly createdAt: string;
  readonly error: string | null;
  readonly classes: readonly string[];
  readonly threshold: number;
  readonly thresholds: Readonly<Record<string, number>>;
  readonly closed: boolean;
  /** What tells images unlike the training images; null where that was not told. */
  readonly unlike: Unlike | null;
}

const columns = `id, run, arm, folder, state, created_at AS createdAt, error, classes, threshold, thresholds, closed, unlike`;
const rowSchema = z.object({
  id: z.int(),
  run: z.string(),
  arm: z.enum(['plain', 'adapted']),
  folder: z.string().nullable(),
  state: z.enum(['naming', 'done', 'failed', 'cancelled']),
  createdAt: z.string(),
  error: z.string().nullable(),
  classes: z.string().transform((text) => z.array(z.string()).parse(JSON.parse(text))),
  threshold: z.number(),
  thresholds: z.string().transform((text) => z.record(z.string(), z.number()).parse(JSON.parse(text))),
  closed: z.int().transform(Boolean),
  unlike: z
    .string()
    .transform((text) => unlikeSchema.parse(JSON.parse(text)))
    .nullable(),
});

/** @throws AppError `batch.unknown` */
export function findBatch(db: Database.Database, id: number): StoredBatch {
  const row = db.prepare(`SELECT ${columns} FROM batch WHERE id = ?`).get(id);
  if (row === undefined) throw new AppError('batch.unknown', { batch: id });
  return rowSchema.parse(row);
}

/** Newest first. */
export const listBatches = (db: Database.Database): StoredBatch[] =>
  db
    .prepare(`SELECT ${columns} FROM batch ORDER BY id DESC`)
    .all()
    .map((row) => rowSchema.parse(row));

export const thresholdOf = ({ threshold, thresholds, classes }: StoredBatch, index: number): number =>
  thresholds[classes[index] ?? ''] ?? threshold;

/** Confirmed as seen, or given a class by somebody: what needs no review any more. */
export const reviewedSql = `SELECT image FROM confirmed UNION
  SELECT image FROM label WHERE kind IN ('class', 'none') AND rater <> '${importedRater}'`;

interface ClassCounts {
  images: number;
  below: number;
  reviewed: number;
  reviewedBelow: number;
  /** Unlike the training images. */
  reviewedUnlike: number;
}

/** Counts of each class of the model. Reads indexes alone, so it takes little of a million rows. */
function classCounts(db: Database.Database, batch: StoredBatch): ClassCounts[] {
  const counts = batch.classes.map((): ClassCounts => ({
    images: 0,
    below: 0,
    reviewed: 0,
    reviewedBelow: 0,
    reviewedUnlike: 0,
  }));
  const all = db
    .prepare<[number], { class: number; n: number }>(
      `SELECT class, count(*) AS n FROM prediction WHERE batch = ? GROUP BY class`,
    )
    .all(batch.id);
  for (const { class: index, n } of all) if (counts[index]) counts[index].images = n;
  const below = db
    .prepare<[number, number, number], number>(
      `SELECT count(*) FROM prediction WHERE batch = ? AND class = ? AND probability < ?`,
    )
    .pluck();
  counts.forEach((count, index) => {
    count.below = below.get(batch.id, index, thresholdOf(batch, index)) ?? 0;
  });
  const reviewed = db
    .prepare<[number], { class: number; probability: number; distance: number | null }>(
      `SELECT class, probability, distance FROM (${reviewedSql}) AS seen
       CROSS JOIN prediction ON prediction.batch = ? AND prediction.image = seen.image`,
    )
    .all(batch.id);
  for (const { class: index, probability, distance } of reviewed) {
    const count = counts[index];
    if (!count) continue;
    count.reviewed += 1;
    if ((distance ?? 0) > 1) count.reviewedUnlike += 1;
    if (probability < thresholdOf(batch, index)) count.reviewedBelow += 1;
  }
  return counts;
}

const sum = (counts: readonly ClassCounts[], value: (count: ClassCounts) => number): number =>
  counts.reduce((total, count) => total + value(count), 0);

/** @param of images that are named */
function unlikeShare(
  db: Database.Database,
  { id, unlike }: StoredBatch,
  of: number,
  reviewed: number,
): UnlikeShare | null {
  if (unlike === null) return null;
  const { labels, usual } = unlike;
  if (usual === null) return { labels, told: null };
  const images = Number(db.prepare(`SELECT count(*) FROM prediction WHERE batch = ? AND distance > 1`).pluck().get(id));
  return { labels, told: { of, images, toReview: images - reviewed, usual, isFar: isFarAbove(images, of, usual) } };
}

/** What the page shows of a batch. */
export function batchInfo(db: Database.Database, batch: StoredBatch): Batch {
  const counts = classCounts(db, batch);
  const inBatch = batch.folder === null ? `role = 'main'` : `role = 'batch' AND batch = ${batch.id}`;
  const count = (state: string): number =>
    Number(db.prepare(`SELECT count(*) FROM image WHERE ${inBatch} AND state = ?`).pluck().get(state));
  const images = count('ok');
  const named = sum(counts, ({ images: n }) => n);
  return {
    batch: batch.id,
    folder: batch.folder === null ? null : basename(batch.folder),
    run: batch.run,
    number: runNumber(db, batch.run),
    arm: batch.arm,
    state: batch.state,
    fraction: batch.state === 'done' ? 1 : Math.min(1, named / Math.max(1, images)),
    at: batch.createdAt,
    images,
    named,
    toReview: sum(counts, ({ below, reviewedBelow }) => below - reviewedBelow),
    reviewed: sum(counts, ({ reviewed }) => reviewed),
    unreadable: count('unreadable'),
    threshold: batch.threshold,
    perClass: batch.classes.map((name, index) => {
      const { images: n, below, reviewed, reviewedBelow } = counts[index]!;
      return {
        class: name,
        threshold: batch.thresholds[name] ?? null,
        images: n,
        toReview: below - reviewedBelow,
        reviewed,
      };
    }),
    unlike: unlikeShare(
      db,
      batch,
      named,
      sum(counts, ({ reviewedUnlike }) => reviewedUnlike),
    ),
    closed: batch.closed,
    error: batch.error,
  };
}
