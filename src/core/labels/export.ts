import { dirname, resolve } from 'node:path';
import { csvCell } from '../../files/csv.ts';
import { sha256 } from '../audit/log.ts';
import { auditExport } from '../audit/stamps.ts';
import type { Project } from '../db/open.ts';
import { plainNames } from '../exports/anonymous.ts';
import { outFile, writeOut } from '../exports/out-file.ts';
import { labels } from '../exports/tables.ts';

export type LabelFormat = 'csv' | 'list';

/**
 * Writes the labels: `csv` holds every rater's (a TSV where the name ends so), `list` the labels that count as lines
 * `IMAGE CLASS_NUMBER`, with the names of the numbers in `classes.txt` beside it. Never into the folder of images.
 * @returns rows written
 * @throws AppError `export.insideImages`, `export.unwritable`
 */
export async function exportLabels(project: Project, out: string, format: LabelFormat): Promise<number> {
  const target = outFile(project, out);
  const { files, rows } = format === 'csv' ? csvFile(project, target) : listFiles(project, target);
  for (const { path, text } of files) await writeOut(path, text);
  const hashes = files.map(({ text }) => sha256(text));
  auditExport(project, { what: 'labels', format, rows, sha256: hashes });
  return rows;
}

interface TextFile {
  readonly path: string;
  readonly text: string;
}

function csvFile(project: Project, target: string): { files: TextFile[]; rows: number } {
  const delimiter = /\.tsv$/i.test(target) ? '\t' : ',';
  const lines = [...labels(project, plainNames)]
    .flat()
    .map((cells) => cells.map((cell) => csvCell(cell, delimiter)).join(delimiter));
  return { files: [{ path: target, text: [...lines, ''].join('\n') }], rows: lines.length - 1 };
}

function listFiles({ db }: Project, target: string): { files: TextFile[]; rows: number } {
  const classes = db
    .prepare<[], { name: string }>(`SELECT name FROM class WHERE removed = 0 AND counts_as = id ORDER BY position, id`)
    .all();
  const numberOf = new Map(classes.map(({ name }, index) => [name, index]));
  const rows = db
    .prepare<[], { file: string; class: string }>(
      `SELECT file, class FROM counting_label JOIN image ON image.id = counting_label.image ORDER BY file`,
    )
    .all();
  const text = rows.map(({ file, class: name }) => `${file} ${numberOf.get(name)}\n`).join('');
  const names = classes.map(({ name }, index) => `${index} ${name}\n`).join('');
  return {
    files: [
      { path: target, text },
      { path: resolve(dirname(target), 'classes.txt'), text: names },
    ],
    rows: rows.length,
  };
}
