import type Database from 'better-sqlite3';
import { AppError } from '../../contract/errors.ts';
import { transact } from '../db/errors.ts';
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

/**
 * Writes groups into the tables.
 * @returns images that had a side and got another group
 */
export function writeGroups(db: Database.Database, grouping: Grouping): number[] {
  return transact(db, () => {
    const images = db
      .prepare<[], { id: number; role: string; file: string; group_id: number | null; side: string | null }>(
        `SELECT id, role, file, group_id, side FROM image WHERE state = 'ok'`,
      )
      .all();
    const { keepApart, reportBy } = grouping;
    const names = images.map(({ file }) => keepApart?.of(file) ?? null);
    // With one group there is nothing to keep apart.
    const distinct = new Set(names.filter((name, i) => name !== null && images[i]?.role === 'main'));
    const groupOf = groupIds(db, distinct.size < 2 ? [] : names);
    const setGroup = db.prepare(`UPDATE image SET group_id = ? WHERE id = ?`);
    const moved: number[] = [];
    images.forEach((image, i) => {
      const group = groupOf.get(names[i] ?? '') ?? null;
      if (group === image.group_id) return;
      setGroup.run(group, image.id);
      if (image.side !== null && image.role === 'main') moved.push(image.id);
    });
    const setReport = db.prepare(
      `INSERT INTO report_group (image, column_name, value) VALUES (?, ?, ?)
       ON CONFLICT (image, column_name) DO UPDATE SET value = excluded.value`,
    );
    for (const { name, of } of reportBy) {
      for (const { id, file } of images) {
        const value = of(file);
        if (value !== null) setReport.run(id, name, value);
      }
    }
    return moved;
  });
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
