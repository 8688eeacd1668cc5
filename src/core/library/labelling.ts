import type Database from 'better-sqlite3';
import { AppError } from '../../contract/errors.ts';
import { importedRater, writeBatch, type LabelChange } from '../labels/log.ts';
import type { Columns } from './columns.ts';
import type { LabelTable } from './label-file.ts';
import { breathe } from './breathe.ts';
import type { ClassOf } from './layout.ts';

/** A label that came with the images. */
export interface FoundLabel {
  readonly file: string;
  readonly rater: string;
  readonly value: string;
}

export const folderLabels = (files: readonly string[], classOf: ClassOf): FoundLabel[] =>
  files.flatMap((file) => {
    const value = classOf(file);
    return value === null ? [] : [{ file, rater: importedRater, value }];
  });

/** Cells that say there is no label. */
const noLabel = /^(|na|n\/a|nan|none|null|\?|-|unlabell?ed)$/i;
export const noneOfThese = 'none of these';
/** Changes of one act: what holds core up at a time. */
const actLength = 1000;

/**
 * Labels of a table's rows.
 * @param fileOf image of a cell of the file column
 * @throws AppError `labels.conflict` where one rater gave one image two labels
 */
export function tableLabels(
  table: LabelTable,
  columns: Columns,
  fileOf: (cell: string) => string | null,
): FoundLabel[] {
  const { label, rater } = columns;
  if (label === null) return [];
  const found = new Map<string, FoundLabel>();
  for (const row of table.rows) {
    const file = fileOf(row[columns.file] ?? '');
    const value = row[label] ?? '';
    if (file === null || noLabel.test(value)) continue;
    const by = (rater !== null && row[rater]) || importedRater;
    const key = `${by}\0${file}`;
    const earlier = found.get(key);
    if (earlier && earlier.value !== value) {
      throw new AppError('labels.conflict', { image: file, rater: by, first: earlier.value, second: value });
    }
    found.set(key, { file, rater: by, value });
  }
  return [...found.values()];
}

/**
 * Writes what is new among imported labels to the log. A label that the same rater has already, or changed since by
 * hand, stays as it is: only a value that differs from what was imported last is an event.
 */
export async function importLabels(db: Database.Database, labels: readonly FoundLabel[]): Promise<void> {
  const ids = new Map(
    db
      .prepare<[], { id: number; file: string }>(`SELECT id, file FROM image WHERE role = 'main' AND hash IS NOT NULL`)
      .all()
      .map(({ id, file }) => [file, id]),
  );
  const lastImported = new Map(
    db
      .prepare<[], { image: number; rater: string; value: string }>(
        `SELECT image, event.rater, ifnull(class, '${noneOfThese}') AS value, max(seq)
         FROM label_event AS event JOIN label_batch ON label_batch.id = event.batch
         WHERE label_batch.kind = 'import' GROUP BY image, event.rater`,
      )
      .all()
      .map(({ image, rater, value }) => [`${rater}\0${image}`, value]),
  );
  const byRater = new Map<string, LabelChange[]>();
  for (const { file, rater, value } of labels) {
    const image = ids.get(file);
    if (image === undefined || lastImported.get(`${rater}\0${image}`) === value) continue;
    const change: LabelChange =
      value === noneOfThese ? { image, kind: 'none' } : { image, kind: 'class', class: value };
    const changes = byRater.get(rater);
    if (changes) changes.push(change);
    else byRater.set(rater, [change]);
  }
  for (const [rater, changes] of [...byRater].sort(([a], [b]) => (a < b ? -1 : 1))) {
    // Classes get their order from their names, not from the order of files.
    const sorted = changes.toSorted((a, b) => (a.class ?? '').localeCompare(b.class ?? '', 'en', { numeric: true }));
    for (let done = 0; done < sorted.length; done += actLength) {
      writeBatch(db, { rater, kind: 'import', changes: sorted.slice(done, done + actLength) });
      await breathe();
    }
  }
}
