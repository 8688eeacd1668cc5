import type Database from 'better-sqlite3';
import { AppError } from '../../contract/errors.ts';
import { transact } from '../db/errors.ts';
import { breathe } from './breathe.ts';
import type { Columns } from './columns.ts';
import { groupPattern, isPattern } from './group-pattern.ts';
import type { LabelTable } from './label-file.ts';

/** One way to tell a group of a file. */
export interface GroupSource {
  readonly name: string;
  of(file: string): string | null;
}

export interface Grouping {
  readonly keepApart: GroupSource | null;
  readonly reportBy: readonly GroupSource[];
}

/**
 * Makes group sources from what was asked for, or guessed from columns of the label file.
 * @throws AppError `groups.needLabelsFile`, `labels.columnMissing`, `groups.pattern`
 */
export function makeGrouping(
  asked: { groups: string | null; reportBy: readonly string[] },
  labels: {
    table: LabelTable;
    columns: Columns;
    imageOf: ReadonlyMap<string, Readonly<Record<string, string>>>;
  } | null,
): Grouping {
  const source = (spec: string): GroupSource => {
    if (isPattern(spec)) return { name: spec, of: groupPattern(spec) };
    if (!labels) throw new AppError('groups.needLabelsFile', { column: spec });
    if (!labels.table.columns.includes(spec)) {
      throw new AppError('labels.columnMissing', { column: spec, columns: labels.table.columns.join(', ') });
    }
    return { name: spec, of: (file) => labels.imageOf.get(file)?.[spec] || null };
  };
  const guessed = labels?.columns.groups ?? [];
  const keepApart = asked.groups ?? guessed[0] ?? null;
  const reportBy = new Set([...asked.reportBy, ...guessed]);
  if (keepApart !== null) reportBy.delete(keepApart);
  return { keepApart: keepApart === null ? null : source(keepApart), reportBy: [...reportBy].map(source) };
}

interface GroupedImage {
  readonly id: number;
  readonly role: string;
  readonly file: string;
  readonly group_id: number | null;
  readonly side: string | null;
}

/** Rows of one transaction. */
const rowsAtOnce = 1000;

/**
 * Writes groups into the tables, in pieces. Images that have a side already are moved to another group in one.
 * @returns images that had a side and got another group
 */
export async function writeGroups(db: Database.Database, grouping: Grouping, signal?: AbortSignal): Promise<number[]> {
  const images = await groupedImages(db);
  const { keepApart, reportBy } = grouping;
  const names = images.map(({ file }) => keepApart?.of(file) ?? null);
  // With one group there is nothing to keep apart.
  const distinct = new Set(names.filter((name, i) => name !== null && images[i]?.role === 'main'));
  const groupOf = transact(db, () => groupIds(db, distinct.size < 2 ? [] : names));
  const setGroup = db.prepare(`UPDATE image SET group_id = ? WHERE id = ?`);
  const fresh: [group: number | null, image: number][] = [];
  const moved: [group: number | null, image: number][] = [];
  images.forEach((image, i) => {
    const group = groupOf.get(names[i] ?? '') ?? null;
    if (group === image.group_id) return;
    (image.side !== null && image.role === 'main' ? moved : fresh).push([group, image.id]);
  });
  transact(db, () => moved.forEach((change) => setGroup.run(...change)));
  await inPieces(db, fresh, (change) => setGroup.run(...change), signal);
  const setReport = db.prepare(
    `INSERT INTO report_group (image, column_name, value) VALUES (?, ?, ?)
     ON CONFLICT (image, column_name) DO UPDATE SET value = excluded.value WHERE value <> excluded.value`,
  );
  for (const { name, of } of reportBy) {
    const write = ({ id, file }: GroupedImage): void => {
      const value = of(file);
      if (value !== null) setReport.run(id, name, value);
    };
    await inPieces(db, images, write, signal);
  }
  return moved.map(([, image]) => image);
}

async function groupedImages(db: Database.Database): Promise<GroupedImage[]> {
  const page = db.prepare<[number, number], GroupedImage>(
    `SELECT id, role, file, group_id, side FROM image
     WHERE state = 'ok' AND role <> 'batch' AND id > ? ORDER BY id LIMIT ?`,
  );
  const images: GroupedImage[] = [];
  for (;;) {
    const rows = page.all(images.at(-1)?.id ?? 0, 5 * rowsAtOnce);
    images.push(...rows);
    if (rows.length < 5 * rowsAtOnce) return images;
    await breathe();
  }
}

async function inPieces<T>(
  db: Database.Database,
  rows: readonly T[],
  write: (row: T) => void,
  signal?: AbortSignal,
): Promise<void> {
  for (let done = 0; done < rows.length; done += rowsAtOnce) {
    transact(db, () => rows.slice(done, done + rowsAtOnce).forEach(write));
    await breathe();
    signal?.throwIfAborted();
  }
}

function groupIds(db: Database.Database, names: readonly (string | null)[]): Map<string, number> {
  const insert = db.prepare(`INSERT INTO image_group (name) VALUES (?) ON CONFLICT (name) DO NOTHING`);
  const find = db.prepare<[string], { id: number }>(`SELECT id FROM image_group WHERE name = ?`);
  const ids = new Map<string, number>();
  for (const name of names) {
    if (name === null || ids.has(name)) continue;
    insert.run(name);
    ids.set(name, (find.get(name) as { id: number }).id);
  }
  return ids;
}
