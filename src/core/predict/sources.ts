import { join, resolve } from 'node:path';
import { AppError } from '../../contract/errors.ts';
import type { Column, ColumnValue, ManifestImage } from '../../contract/run-files.ts';
import { createImagePool } from '../../images/pool.ts';
import { withColumns } from '../columns/columns.ts';
import type { Project } from '../db/open.ts';
import { manifestImage, type ImageFile } from '../library/manifest-image.ts';
import { readImportSetting } from '../library/paths.ts';
import { imageNames, scanFolder } from '../library/scan.ts';
import type { NamedImage, Unread } from './table.ts';

/** What is to be named: files to read, what is known of them, and what cannot be read. */
export interface Sources {
  readonly images: readonly ManifestImage[];
  readonly named: readonly NamedImage[];
  readonly unread: readonly Unread[];
}

interface ImageRow extends ImageFile {
  readonly state: string;
  readonly failure_reason: string | null;
  readonly group_name: string | null;
  readonly class: string | null;
}

/** Every image of the project that can be labelled. @param columns those the model uses */
export function projectSources({ db }: Project, columns: readonly Column[]): Sources {
  const setting = readImportSetting(db);
  const rows = db
    .prepare<[], ImageRow>(
      `SELECT image.id, file, hash, page, state, failure_reason, image_group.name AS group_name,
         counting_label.class AS class
       FROM image
       LEFT JOIN image_group ON image_group.id = image.group_id
       LEFT JOIN counting_label ON counting_label.image = image.id
       WHERE role = 'main' AND state <> 'gone' ORDER BY image.id`,
    )
    .all();
  const readable = setting ? rows.filter(({ state }) => state === 'ok') : [];
  const images = readable.map((row) => manifestImage(setting!.folder, row));
  return {
    images: withColumns(db, columns, images),
    named: readable.map(({ id, file, group_name: group, class: label }) => ({ id, file, group, label })),
    unread: rows
      .filter(({ state }) => state === 'unreadable')
      .map(({ file, group_name: group, failure_reason: reason }) => ({ file, group, reason: reason ?? '' })),
  };
}

/**
 * Every image of another folder, which stays outside the project. Ids begin behind those of the project.
 * @param valuesOf what a table says of the model's columns
 * @throws AppError `folder.missing`, `folder.unreadable`, `folder.empty`
 */
export async function folderSources(
  { db }: Project,
  folder: string,
  valuesOf: (files: readonly string[]) => ReadonlyMap<string, ColumnValue[]>,
  signal: AbortSignal,
): Promise<Sources> {
  const root = resolve(folder);
  const { files, outside } = scanFolder(root);
  if (!files.length && !outside.length) throw new AppError('folder.empty', { folder: root });
  const values = valuesOf(files.map(({ file }) => file));
  const first = 1 + (db.prepare<[], number | null>(`SELECT max(id) FROM image`).pluck().get() ?? 0);
  const images: ManifestImage[] = [];
  const named: NamedImage[] = [];
  const unread: Unread[] = outside.map(({ file }) => ({
    file,
    group: null,
    reason: 'a link that leads out of the folder',
  }));
  const pool = createImagePool();
  try {
    const sources = files.map(({ file }) => ({ path: join(root, file) }));
    for await (const outcome of pool.inspectMany(sources, { signal })) {
      const { file } = files[outcome.index]!;
      const id = first + outcome.index;
      if (outcome.ok) {
        const columns = values.get(file);
        images.push({ id, path: join(root, file), hash: outcome.value.hash, ...(columns && { columns }) });
        named.push({ id, file, group: null, label: null });
      } else if (imageNames.test(file)) {
        unread.push({ file, group: null, reason: outcome.reason });
      }
    }
  } finally {
    pool.close();
  }
  return { images: images.sort((a, b) => a.id - b.id), named, unread };
}
