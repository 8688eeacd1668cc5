import { dirname } from 'node:path';
import { AppError } from '../../contract/errors.ts';
import type { Column, ColumnValue } from '../../contract/run-files.ts';
import { valuesOf } from '../columns/columns.ts';
import { FileMatcher, understandColumns } from '../library/columns.ts';
import { readLabelTable } from '../library/label-file.ts';

/**
 * Values of a model's columns for the files of another folder, from a table that names them. A file without a row has
 * none, and neither has any where no table was given.
 * @throws AppError `columns.unused`, `usage.badValue`, `labels.columnMissing`, `labels.fileMissing`,
 *   `labels.fileUnreadable`; when asked for files `labels.noFileColumn`
 */
export function tableValues(
  { table: file, images }: { readonly table?: string | undefined; readonly images?: string | undefined },
  run: string,
  columns: readonly Column[],
): (files: readonly string[]) => ReadonlyMap<string, ColumnValue[]> {
  if (file === undefined) return () => new Map();
  if (images === undefined) {
    const reason = 'columns of the images of the project are kept with them; it goes with --images';
    throw new AppError('usage.badValue', { command: 'predict', option: '--table', value: file, reason });
  }
  if (columns.length === 0) throw new AppError('columns.unused', { run });
  const table = readLabelTable(file);
  const absent = columns.find(({ name }) => !table.columns.includes(name));
  if (absent) throw new AppError('labels.columnMissing', { column: absent.name, columns: table.columns.join(', ') });
  return (files) => {
    const matcher = new FileMatcher(files);
    const { file: fileColumn } = understandColumns(table, {}, matcher, { file, folder: dirname(file) });
    return new Map(
      table.rows.flatMap((row) => {
        const found = matcher.find(row[fileColumn] ?? '');
        return found === null
          ? []
          : [
              [
                found,
                valuesOf(
                  columns,
                  columns.map(({ name }) => row[name] ?? null),
                ),
              ] as const,
            ];
      }),
    );
  };
}
