import { createHash } from 'node:crypto';
import { mkdir, open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { sha256 } from '../audit/log.ts';
import type { Project } from '../db/open.ts';
import { csvCell } from '../../files/csv.ts';
import { breathe } from '../library/breathe.ts';
import type { Cell, Table } from './tables.ts';

export interface Form {
  readonly format: 'plain' | 'excel';
  readonly locale: string;
}

interface Written {
  readonly rows: number;
  readonly bytes: number;
  readonly sha256: string;
}

/**
 * A table as text, piece by piece. Plain: UTF-8, comma, decimal point. For Excel: a mark that says UTF-8, and separator
 * and decimal sign as the spreadsheet of that language expects them. No cell starts a formula.
 */
function* piecesOf(table: Table, form: Form): Generator<{ readonly rows: number; readonly data: Buffer }> {
  const decimal = form.format === 'excel' ? decimalOf(form.locale) : '.';
  const separator = decimal === ',' ? ';' : ',';
  const text = (cell: Cell): string =>
    typeof cell === 'string'
      ? csvCell(cell, separator)
      : csvCell(cell.number.toFixed(cell.decimals).replace('.', decimal), separator);
  if (form.format === 'excel') yield { rows: 0, data: Buffer.from('\uFEFF') };
  for (const piece of table) {
    const lines = piece.map((cells) => `${cells.map(text).join(separator)}\n`);
    yield { rows: piece.length, data: Buffer.from(lines.join('')) };
  }
}

/** Without the line of names. */
const linesBelow = (rows: number): number => rows - 1;

/** Writes a table to a file, whole or not at all. */
export async function writeTable(project: Project, path: string, table: Table, form: Form): Promise<Written> {
  const hash = createHash('sha256');
  const unfinished = `${path}.part`;
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  const handle = await open(unfinished, 'w', 0o600);
  let rows = 0;
  let bytes = 0;
  try {
    for (const piece of piecesOf(table, form)) {
      rows += piece.rows;
      hash.update(piece.data);
      bytes += piece.data.length;
      await handle.write(piece.data);
      await breathe();
      if (!project.db.open) throw new Error('the project was closed');
    }
    await handle.sync();
  } catch (error) {
    await handle.close();
    await rm(unfinished, { force: true });
    throw error;
  }
  await handle.close();
  await rename(unfinished, path);
  return { rows: linesBelow(rows), bytes, sha256: hash.digest('hex') };
}

/** The same without a file. */
export function tableInMemory(table: Table, form: Form): Written & { readonly data: Buffer } {
  const pieces = [...piecesOf(table, form)];
  const data = Buffer.concat(pieces.map((piece) => piece.data));
  const rows = linesBelow(pieces.reduce((sum, piece) => sum + piece.rows, 0));
  return { rows, bytes: data.length, sha256: sha256(data), data };
}

const decimalOf = (locale: string): string => {
  try {
    return new Intl.NumberFormat(locale).formatToParts(1.5).find(({ type }) => type === 'decimal')?.value ?? '.';
  } catch {
    return '.';
  }
};
