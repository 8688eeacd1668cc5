import { readdirSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Look } from '../../../contract/library.ts';
import { FileMatcher, understandColumns, type Columns } from '../columns.ts';
import { readLabelTable, type LabelTable } from '../label-file.ts';

const tableName = /\.(csv|tsv|txt)$/i;
const mostTables = 10;
const mostBytes = 50_000_000;
const firstRows = 5;

export interface FoundTable {
  readonly file: string;
  readonly table: LabelTable;
  readonly columns: Columns;
  /** Rows by the image they name, the first of each. */
  readonly rowOf: ReadonlyMap<string, Readonly<Record<string, string>>>;
  readonly matched: number;
}

/**
 * Tables whose rows name images: those inside the folder and those beside it, and the one that is named. The named one
 * must be right; of the others, those that are no such tables are none.
 * @throws AppError `labels.*` of the named table
 */
export function findTables(
  folder: string,
  files: readonly string[],
  images: readonly string[],
  named: { readonly file: string; readonly columns: NonNullable<Parameters<typeof understandColumns>[1]> } | null,
): FoundTable[] {
  const matcher = new FileMatcher(images);
  const found: FoundTable[] = [];
  if (named) found.push(understand(named.file, named.columns, matcher, folder));
  const inside = files.filter((file) => tableName.test(file)).map((file) => join(folder, file));
  for (const file of [...inside, ...beside(folder)].slice(0, 4 * mostTables)) {
    if (found.length >= mostTables || file === named?.file || size(file) > mostBytes) continue;
    try {
      found.push(understand(file, {}, matcher, folder));
    } catch {
      // Somebody's notes.
    }
  }
  return found.toSorted(
    (a, b) => Number(b.file === named?.file) - Number(a.file === named?.file) || b.matched - a.matched,
  );
}

function understand(
  file: string,
  named: Parameters<typeof understandColumns>[1],
  matcher: FileMatcher,
  folder: string,
): FoundTable {
  const table = readLabelTable(file);
  const columns = understandColumns(table, named, matcher, { file, folder });
  const rowOf = new Map<string, Readonly<Record<string, string>>>();
  let matched = 0;
  for (const row of table.rows) {
    const image = matcher.find(row[columns.file] ?? '');
    if (image === null) continue;
    matched++;
    if (!rowOf.has(image)) rowOf.set(image, row);
  }
  return { file, table, columns, rowOf, matched };
}

function beside(folder: string): string[] {
  const parent = dirname(folder);
  try {
    return readdirSync(parent)
      .filter((name) => tableName.test(name) && !name.startsWith('.'))
      .map((name) => join(parent, name));
  } catch {
    return [];
  }
}

const size = (file: string): number => statSync(file, { throwIfNoEntry: false })?.size ?? Infinity;

export const describeTable = ({ file, table, columns, matched }: FoundTable): Look['tables'][number] => ({
  file,
  columns: [...table.columns],
  rows: table.rows.length,
  first: table.rows.slice(0, firstRows).map((row) => ({ ...row })),
  matched,
  guess: { file: columns.file, label: columns.label, rater: columns.rater, groups: [...columns.groups] },
});
