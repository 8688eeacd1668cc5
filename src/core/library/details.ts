import type Database from 'better-sqlite3';
import { AppError } from '../../contract/errors.ts';
import type { ImageDetails } from '../../contract/view.ts';
import type { Project } from '../db/open.ts';
import { awaitsOwnWord, sight as sightOf, type Sight } from '../labels/visibility.ts';
import { keyText } from '../thumbnails/keys.ts';
import { appliedBatch } from '../views/applied.ts';

interface Row {
  readonly file: string;
  readonly page: number;
  readonly state: 'ok' | 'unreadable' | 'gone';
  readonly bytes: number;
  readonly modified: number;
  readonly type: string | null;
  readonly width: number | null;
  readonly height: number | null;
  readonly bits: number | null;
  readonly pages: number | null;
  readonly side: string | null;
  readonly failure: string | null;
  readonly group: string | null;
}

/**
 * Everything that is known of an image, as far as the rater may know it.
 * @param nearest images that look like it, nearest first
 * @throws AppError `image.unknown`
 */
export function imageDetails(project: Project, rater: string, image: number, nearest: readonly number[]): ImageDetails {
  const { db } = project;
  const sight = sightOf(db, rater);
  const row = db
    .prepare<[number], Row>(
      `SELECT file, page, image.state AS state, bytes, modified, type, width, height, bits, pages, image.side AS side,
         failure_reason AS failure, image_group.name AS "group"
       FROM image LEFT JOIN image_group ON image_group.id = image.group_id WHERE image.id = ?`,
    )
    .get(image);
  if (!row) throw new AppError('image.unknown', { image });
  const { blind } = sight;
  const awaits = awaitsOwnWord(db, rater, image);
  return {
    image,
    key: keyText(project.id, image),
    file: blind ? '' : row.file,
    group: blind ? null : row.group,
    reportBy: blind ? [] : reportBy(db, image),
    width: row.width ?? 0,
    height: row.height ?? 0,
    bits: row.bits ?? 0,
    bytes: row.bytes,
    type: row.type ?? '',
    page: row.page,
    pages: row.pages ?? 1,
    modified: new Date(row.modified).toISOString(),
    state: row.state,
    failure: row.failure,
    check: row.side === 'check' && !awaits,
    note: noteOf(db, image, sight),
    history: history(db, image, sight),
    prediction: blind || awaits ? null : prediction(db, image),
    similar: nearest.map((id) => ({ image: id, key: keyText(project.id, id) })),
  };
}

const reportBy = (db: Database.Database, image: number): ImageDetails['reportBy'] =>
  db
    .prepare<[number], { column: string; value: string }>(
      `SELECT column_name AS "column", value FROM report_group WHERE image = ? ORDER BY column_name`,
    )
    .all(image);

/** The rater's own note, else the newest of another. */
function noteOf(db: Database.Database, image: number, sight: Sight): string {
  const text = db
    .prepare(
      `SELECT text FROM note WHERE image = @image AND ${sight.raters('rater')} ORDER BY rater = @rater DESC, seq DESC`,
    )
    .pluck()
    .get({ image, rater: sight.rater });
  return typeof text === 'string' ? text : '';
}

const history = (db: Database.Database, image: number, sight: Sight): ImageDetails['history'] =>
  db
    .prepare<[object], ImageDetails['history'][number]>(
      `SELECT time, rater, kind, ifnull(now.name, label_event.class) AS class, text
       FROM label_event
       LEFT JOIN class AS own ON own.key = label_event.class LEFT JOIN class AS now ON now.id = own.counts_as
       WHERE image = @image AND ${sight.raters('rater')} ORDER BY seq`,
    )
    .all({ image, rater: sight.rater });

function prediction(db: Database.Database, image: number): ImageDetails['prediction'] {
  const row = db
    .prepare<[object], { class: number; probability: number; second: number; p_second: number; classes: string }>(
      `SELECT class, probability, second, p_second, batch.classes AS classes
       FROM prediction JOIN batch ON batch.id = prediction.batch
       WHERE image = @image AND prediction.batch =
         (SELECT CASE WHEN image.batch > 0 THEN image.batch ELSE @applied END FROM image WHERE id = @image)`,
    )
    .get({ image, applied: appliedBatch(db) });
  if (!row) return null;
  const names = JSON.parse(row.classes) as string[];
  const { probability, p_second: pSecond } = row;
  return { class: names[row.class] ?? '', probability, second: names[row.second] ?? '', pSecond };
}
