import type Database from 'better-sqlite3';
import { AppError } from '../../contract/errors.ts';
import type { Manifest, ManifestImage } from '../../contract/run-files.ts';
import type { Project } from '../db/open.ts';
import { readImportSetting, sourcePath } from '../library/paths.ts';

/** A label that counts for training. `group` is the cluster it belongs to: what must not be split. */
export interface TrainingLabel {
  readonly image: number;
  /** Index into `classes`. */
  readonly class: number;
  readonly group: number;
}

/** Everything a run may learn from. Nothing of the check side is in it. */
export interface TrainingSide {
  readonly classes: Manifest['classes'];
  /** Images the adaptation may learn from. */
  readonly adapt: readonly number[];
  readonly training: readonly TrainingLabel[];
}

/** Cluster of an image: its group, else its duplicates, else itself. Even and odd numbers keep the kinds apart. */
const clusterSql = `CASE WHEN image.group_id IS NOT NULL THEN image.group_id * 2 ELSE ifnull(image.family, image.id) * 2 + 1 END`;

/** How many images there are about to adapt to. */
export const learnableImages = ({ db }: Project): number =>
  db.prepare<[], number>(`SELECT count(*) FROM image WHERE state = 'ok' AND side = 'training'`).pluck().get() ?? 0;

/**
 * The training side: images for adaptation and the training labels that count.
 * @param leaveOut names of classes that are left out
 * @throws AppError `classes.none`, `classes.one`
 */
export function trainingSide({ db }: Project, leaveOut: readonly string[] = []): TrainingSide {
  const labels = without(leaveOut, countingLabels(db, `image.side = 'training'`));
  const classes = classesOf(db, labels);
  const adapt = db
    .prepare(`SELECT id FROM image WHERE state = 'ok' AND side = 'training' ORDER BY id`)
    .pluck()
    .all() as number[];
  return { classes, adapt, training: withIndex(labels, classes) };
}

/**
 * For projects with fewer than 30 labelled check images: all labels that count, of both sides, and an adaptation
 * that sees none of the labelled images nor their copies.
 * @throws AppError `classes.none`, `classes.one`
 */
export function repeatedSide({ db }: Project, leaveOut: readonly string[] = []): TrainingSide {
  const labels = without(leaveOut, countingLabels(db, `image.side IN ('training', 'check')`));
  const classes = classesOf(db, labels);
  const adapt = db
    .prepare(
      `SELECT id FROM image WHERE state = 'ok' AND side IN ('training', 'check')
         AND id NOT IN (SELECT image FROM counting_label)
         AND (family IS NULL OR family NOT IN
           (SELECT family FROM image JOIN counting_label ON counting_label.image = image.id WHERE family IS NOT NULL))
       ORDER BY id`,
    )
    .pluck()
    .all() as number[];
  return { classes, adapt, training: withIndex(labels, classes) };
}

/** Check images that have a label that counts, of the classes a run knows. Ids only, without their labels. */
export function checkImages({ db }: Project, classes: Manifest['classes']): number[] {
  const names = JSON.stringify(classes.map(({ name }) => name));
  return db
    .prepare(
      `SELECT image.id FROM image JOIN counting_label ON counting_label.image = image.id
       WHERE image.side = 'check' AND image.state = 'ok' AND class IN (SELECT value FROM json_each(?)) ORDER BY image.id`,
    )
    .pluck()
    .all(names) as number[];
}

/** Those of the given check images that were drawn to be labelled, and how likely each was to be. */
export const drawnImages = ({ db }: Project, check: readonly number[]): NonNullable<Manifest['drawn']> =>
  db
    .prepare<[string], { image: number; probability: number }>(
      `SELECT image, probability FROM check_draw WHERE image IN (SELECT value FROM json_each(?)) ORDER BY image`,
    )
    .all(JSON.stringify(check));

/** Paths and hashes for a manifest: of the given images, or of every readable one. */
export function manifestImages({ db }: Project, ids?: Iterable<number>): ManifestImage[] {
  const setting = readImportSetting(db);
  if (!setting) throw new AppError('classes.none');
  const wanted = ids === undefined ? null : new Set(ids);
  return db
    .prepare<[], { id: number; role: string; batch: number; file: string; hash: string; page: number }>(
      `SELECT id, role, batch, file, hash, page FROM image WHERE state = 'ok' ORDER BY id`,
    )
    .all()
    .filter(({ id }) => wanted === null || wanted.has(id))
    .map(({ id, hash, page, ...place }) => ({
      id,
      path: sourcePath(setting, place),
      hash,
      ...(page > 0 && { page }),
    }));
}

export interface CountingLabel {
  readonly image: number;
  readonly class: string;
  readonly cluster: number;
}

/** Labels that count of images that fulfil a condition. For this folder only: callers elsewhere take a side. */
export function countingLabels(db: Database.Database, condition: string): CountingLabel[] {
  return db
    .prepare<[], CountingLabel>(
      `SELECT image.id AS image, counting_label.class AS class, ${clusterSql} AS cluster
       FROM image JOIN counting_label ON counting_label.image = image.id
       WHERE image.state = 'ok' AND image.role = 'main' AND ${condition} ORDER BY image.id`,
    )
    .all();
}

const without = (leaveOut: readonly string[], labels: CountingLabel[]): CountingLabel[] =>
  labels.filter((label) => !leaveOut.includes(label.class));

function classesOf(db: Database.Database, labels: readonly CountingLabel[]): Manifest['classes'] {
  const used = new Set(labels.map((label) => label.class));
  const rows = db
    .prepare<[], { id: number; name: string }>(
      `SELECT id, name FROM class WHERE removed = 0 AND counts_as = id ORDER BY position, id`,
    )
    .all();
  const classes = rows.filter(({ name }) => used.has(name));
  if (classes.length === 0) throw new AppError('classes.none');
  if (classes.length === 1) throw new AppError('classes.one', { class: classes[0]?.name ?? '' });
  return classes;
}

function withIndex(labels: readonly CountingLabel[], classes: Manifest['classes']): TrainingLabel[] {
  const indexOf = new Map(classes.map(({ name }, index) => [name, index]));
  return labels.map(({ image, class: name, cluster }) => ({
    image,
    class: indexOf.get(name) as number,
    group: cluster,
  }));
}
