import { createHash } from 'node:crypto';
import { dirname, resolve } from 'node:path';
import { csvCell } from '../../files/csv.ts';
import { auditExport } from '../audit/stamps.ts';
import type { Project } from '../db/open.ts';
import { outFile, writeOut } from '../exports/out-file.ts';

export type LabelFormat = 'csv' | 'list';

interface ExportRow {
  readonly file: string;
  readonly group_name: string | null;
  readonly kind: string | null;
  readonly class: string | null;
  readonly rater: string;
  readonly note: string | null;
  readonly time: string;
  readonly hash: string | null;
}

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
  const hashes = files.map(({ text }) => createHash('sha256').update(text).digest('hex'));
  auditExport(project, { what: 'labels', format, rows, sha256: hashes });
  return rows;
}

interface TextFile {
  readonly path: string;
  readonly text: string;
}

function csvFile({ db }: Project, target: string): { files: TextFile[]; rows: number } {
  const rows = db
    .prepare<[], ExportRow>(
      `SELECT file, image_group.name AS group_name, label.kind AS kind, label.class AS class, said.rater AS rater,
         note.text AS note, event.time AS time, image.hash AS hash
       FROM (SELECT image, rater FROM label_now UNION SELECT image, rater FROM note) AS said
       JOIN image ON image.id = said.image
       LEFT JOIN label_now AS label ON label.image = said.image AND label.rater = said.rater
       LEFT JOIN note ON note.image = said.image AND note.rater = said.rater
       LEFT JOIN image_group ON image_group.id = image.group_id
       JOIN label_event AS event ON event.seq = ifnull(label.seq, note.seq)
       ORDER BY file, rater`,
    )
    .all();
  const delimiter = /\.tsv$/i.test(target) ? '\t' : ',';
  const line = (cells: readonly string[]): string => cells.map((cell) => csvCell(cell, delimiter)).join(delimiter);
  const named = { none: 'none of these', unsure: 'unsure', skip: 'skip' } as Readonly<Record<string, string>>;
  const lines = rows.map(({ file, group_name: group, kind, class: name, rater, note, time, hash }) =>
    line([
      file,
      group ?? '',
      kind === 'class' || kind === 'none' ? (name ?? named[kind] ?? '') : '',
      rater,
      kind === 'unsure' || kind === 'skip' ? kind : '',
      note ?? '',
      time,
      hash ?? '',
    ]),
  );
  const header = line(['file', 'group', 'label', 'rater', 'mark', 'note', 'time', 'sha256']);
  return { files: [{ path: target, text: [header, ...lines, ''].join('\n') }], rows: rows.length };
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
