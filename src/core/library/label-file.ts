import { readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { parse, CsvError } from 'csv-parse/sync';
import { AppError } from '../../contract/errors.ts';
import { unguarded } from '../../files/csv.ts';

/** A table of labels as read, before its columns are understood. */
export interface LabelTable {
  readonly columns: readonly string[];
  readonly rows: readonly Readonly<Record<string, string>>[];
}

const listLine = /^(.*\S)[ \t]+(\d+)$/;

/**
 * Reads a CSV, a TSV or a list `IMAGE CLASS_NUMBER`. The kind is told from the content.
 * @throws AppError `labels.fileMissing`, `labels.fileUnreadable`
 */
export function readLabelTable(file: string): LabelTable {
  const text = readText(file);
  const lines = text.split(/\r?\n/).filter((line) => line.trim() !== '');
  if (!lines.length) throw unreadable(file, 1, 'it is empty');
  const isList = lines.every((line) => listLine.test(line) && !/[,;]/.test(line));
  return isList ? readList(file, lines) : readCsv(file, text, lines[0] as string);
}

function readText(file: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(readFileSync(file));
  } catch (error) {
    const code = (error as { code?: string }).code;
    if (code === 'ENOENT' || code === 'ENOTDIR') throw new AppError('labels.fileMissing', { file });
    if (code === 'ERR_ENCODING_INVALID_ENCODED_DATA') return new TextDecoder('windows-1252').decode(readFileSync(file));
    throw unreadable(file, 1, code === 'EISDIR' ? 'it is a folder' : 'it may not be read');
  }
}

const unreadable = (file: string, line: number, reason: string): AppError =>
  new AppError('labels.fileUnreadable', { file: basename(file), line, reason });

/** Lists give numbers; a `classes.txt` beside the list gives their names, one `NUMBER NAME` a line. */
function readList(file: string, lines: readonly string[]): LabelTable {
  const names = classNames(join(dirname(file), 'classes.txt'));
  const rows = lines.map((line) => {
    const [, image = '', number = ''] = listLine.exec(line) ?? [];
    return { file: image, label: names.get(number) ?? number };
  });
  return { columns: ['file', 'label'], rows };
}

function classNames(file: string): Map<string, string> {
  try {
    const lines = readFileSync(file, 'utf8').split(/\r?\n/);
    const pairs = lines.map((line) => /^(\d+)[ \t]+(.*\S)\s*$/.exec(line)).filter((match) => match !== null);
    return new Map(pairs.map(([, number = '', name = '']) => [number, name]));
  } catch {
    return new Map();
  }
}

function readCsv(file: string, text: string, header: string): LabelTable {
  const counted = [',', ';', '\t'].map((delimiter) => ({ delimiter, count: header.split(delimiter).length }));
  const { delimiter } = counted.reduce((best, next) => (next.count > best.count ? next : best));
  try {
    const [names = [], ...records] = parse(text, {
      bom: true,
      delimiter,
      trim: true,
      skip_empty_lines: true,
      relax_column_count_less: true,
    }) as string[][];
    const columns = names.map((name, i) => name || `column ${i + 1}`);
    if (new Set(columns).size < columns.length) throw unreadable(file, 1, 'two columns have the same name');
    const rows = records.map((record) =>
      Object.fromEntries(columns.map((name, i) => [name, unguarded(record[i] ?? '')])),
    );
    return { columns, rows };
  } catch (error) {
    if (error instanceof CsvError) throw unreadable(file, Number(error['lines'] ?? 1), plainReason(error.code));
    throw error;
  }
}

function plainReason(code: string): string {
  if (code.includes('QUOTE')) return 'a quotation mark is not closed or stands in the middle of a cell';
  if (code.includes('COLUMN') || code.includes('RECORD')) return 'it has more cells than columns';
  return 'it is no table';
}
