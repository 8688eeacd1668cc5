import { createHash } from 'node:crypto';
import { open, rename, rm } from 'node:fs/promises';
import type { Project } from '../db/open.ts';
import { csvCell } from '../labels/export.ts';
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
 * Writes a table to a file, whole or not at all. Plain: UTF-8, comma, decimal point. For Excel: a mark that says UTF-8,
 * and separator and decimal sign as the spreadsheet of that language expects them. No cell starts a formula.
 */
export async function writeTable(project: Project, path: string, table: Table, form: Form): Promise<Written> {
  const decimal = form.format === 'excel' ? decimalOf(form.locale) : '.';
  const separator = decimal === ',' ? ';' : ',';
  const text = (cell: Cell): string =>
    typeof cell === 'string'
      ? csvCell(cell, separator)
      : csvCell(cell.number.toFixed(cell.decimals).replace('.', decimal), separator);
  const hash = createHash('sha256');
  const unfinished = `${path}.part`;
  const handle = await open(unfinished, 'w', 0o600);
  let rows = -1;
  let bytes = 0;
  try {
    const write = async (piece: string): Promise<void> => {
      const data = Buffer.from(piece);
      hash.update(data);
      bytes += data.length;
      await handle.write(data);
    };
    if (form.format === 'excel') await write('\uFEFF');
    for (const piece of table) {
      rows += piece.length;
      await write(piece.map((cells) => `${cells.map(text).join(separator)}\n`).join(''));
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
  return { rows, bytes, sha256: hash.digest('hex') };
}

const decimalOf = (locale: string): string => {
  try {
    return new Intl.NumberFormat(locale).formatToParts(1.5).find(({ type }) => type === 'decimal')?.value ?? '.';
  } catch {
    return '.';
  }
};
