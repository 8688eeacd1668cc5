import type Database from 'better-sqlite3';
import { AppError } from '../../contract/errors.ts';
import type { Column, ColumnValue, ManifestImage } from '../../contract/run-files.ts';

/** A column with this share of numbers is one of numbers; what else stands in it is a missing value. */
const numbersFrom = 0.9;
/** More values than this are names or numbers of cases, which say nothing of new ones. */
const mostValues = 200;

/** Columns of the table of labels that were kept with the images. */
export const keptColumns = (db: Database.Database): string[] =>
  db.prepare<[], string>(`SELECT DISTINCT column_name FROM report_group ORDER BY column_name`).pluck().all();

/** What stands in a column beside each image, by the image. Images without a value are missing. */
export const valuesIn = (db: Database.Database, column: string): Map<number, string> =>
  new Map(
    db
      .prepare<[string], [number, string]>(`SELECT image, value FROM report_group WHERE column_name = ? ORDER BY image`)
      .raw()
      .all(column),
  );

/**
 * How columns are read, by what stands beside the training labels.
 * @throws AppError `columns.unknown`, `columns.empty`, `columns.tooMany`
 */
export function columnsOf(db: Database.Database, names: readonly string[], training: readonly number[]): Column[] {
  if (names.length === 0) return [];
  const known = keptColumns(db);
  const unknown = names.find((name) => !known.includes(name));
  if (unknown !== undefined) {
    throw new AppError('columns.unknown', { column: unknown, known: known.join(', ') || 'none' });
  }
  const texts = textsOf(db, names, training);
  return names.map((name, index) => {
    const values = [...texts.values()].flatMap((row) => row[index] ?? []);
    if (values.length === 0) throw new AppError('columns.empty', { column: name });
    const numbers = values.filter((text) => numberOf(text) !== null).length;
    if (numbers >= numbersFrom * values.length) return { name, kind: 'number' };
    const different = new Set(values).size;
    if (different > mostValues)
      throw new AppError('columns.tooMany', { column: name, values: different, most: mostValues });
    return { name, kind: 'category' };
  });
}

/**
 * Images with the values they have in columns, in the order of these.
 * @param wanted ids of those that need theirs; all of them without it
 */
export function withColumns(
  db: Database.Database,
  columns: readonly Column[],
  images: readonly ManifestImage[],
  wanted: readonly number[] = images.map(({ id }) => id),
): ManifestImage[] {
  if (columns.length === 0) return [...images];
  const names = columns.map(({ name }) => name);
  const texts = textsOf(db, names, wanted);
  return images.map((image) => {
    const row = texts.get(image.id);
    return row ? { ...image, columns: valuesOf(columns, row) } : image;
  });
}

/** @param row texts in the order of the columns; null or an empty one is a missing value */
export const valuesOf = (columns: readonly Column[], row: readonly (string | null)[]): ColumnValue[] =>
  columns.map(({ kind }, index) => {
    const text = row[index]?.trim() ?? '';
    return text === '' ? null : kind === 'number' ? numberOf(text) : text;
  });

function textsOf(
  db: Database.Database,
  names: readonly string[],
  images: readonly number[],
): Map<number, (string | null)[]> {
  const rows = db
    .prepare<[string, string], { image: number; name: string; value: string }>(
      `SELECT image, column_name AS name, trim(value) AS value FROM report_group
       WHERE image IN (SELECT value FROM json_each(?)) AND column_name IN (SELECT value FROM json_each(?))
         AND trim(value) <> ''`,
    )
    .all(JSON.stringify(images), JSON.stringify(names));
  const texts = new Map<number, (string | null)[]>();
  for (const { image, name, value } of rows) {
    const row = texts.get(image) ?? names.map(() => null);
    row[names.indexOf(name)] = value;
    texts.set(image, row);
  }
  return texts;
}

/** A number with a point or a comma for its decimals. */
function numberOf(text: string): number | null {
  if (!/^[-+]?(?:\d+(?:[.,]\d*)?|[.,]\d+)(?:e[-+]?\d+)?$/i.test(text)) return null;
  const value = Number(text.replace(',', '.'));
  return Number.isFinite(value) ? value : null;
}
