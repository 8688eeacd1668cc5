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

/** Images of one call of the engine: so many that opening the model counts for little, and few enough to be held. */
export const pieceLength = 20_000;

/** Some of what is to be named: files to read, what is known of them, and what cannot be read. */
export interface Piece {
  readonly images: readonly ManifestImage[];
  readonly named: readonly NamedImage[];
  readonly unread: readonly Unread[];
}

/** What is to be named, a piece at a time: memory does not grow with the number of files. */
export interface Sources {
  readonly files: number;
  pieces(): AsyncIterable<Piece> | Iterable<Piece>;
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
  const files = db.prepare<[], number>(`SELECT count(*) FROM image WHERE ${wanted}`).pluck().get() ?? 0;
  const next = db.prepare<[number], ImageRow>(
    `SELECT image.id, file, hash, page, state, failure_reason, image_group.name AS group_name,
       counting_label.class AS class
     FROM image
     LEFT JOIN image_group ON image_group.id = image.group_id
     LEFT JOIN counting_label ON counting_label.image = image.id
     WHERE ${wanted} AND image.id > ? ORDER BY image.id LIMIT ${pieceLength}`,
  );
  return {
    files,
    *pieces() {
      for (let rows = next.all(0); rows.length > 0; rows = next.all(rows.at(-1)!.id)) {
        const readable = setting ? rows.filter(({ state }) => state === 'ok') : [];
        const images = readable.map((row) => manifestImage(setting!.folder, row));
        yield {
          images: withColumns(db, columns, images),
          named: readable.map(({ id, file, group_name: group, class: label }) => ({ id, file, group, label })),
          unread: rows
            .filter(({ state }) => state === 'unreadable')
            .map(({ file, group_name: group, failure_reason: reason }) => ({ file, group, reason: reason ?? '' })),
        };
      }
    },
  };
}
const wanted = `role = 'main' AND state <> 'gone'`;

/**
 * Every image of another folder, which stays outside the project. Ids begin behind those of the project.
 * @param valuesOf what a table says of the model's columns
 * @throws AppError `folder.missing`, `folder.unreadable`, `folder.empty`
 */
export function folderSources(
  { db }: Project,
  folder: string,
  valuesOf: (files: readonly string[]) => ReadonlyMap<string, ColumnValue[]>,
  signal: AbortSignal,
): Sources {
  const root = resolve(folder);
  const { files, outside } = scanFolder(root);
  if (!files.length && !outside.length) throw new AppError('folder.empty', { folder: root });
  const values = valuesOf(files.map(({ file }) => file));
  const first = 1 + (db.prepare<[], number | null>(`SELECT max(id) FROM image`).pluck().get() ?? 0);
  const links = outside.map(({ file }) => ({ file, group: null, reason: 'a link that leads out of the folder' }));
  return {
    files: files.length + links.length,
    async *pieces() {
      yield { images: [], named: [], unread: links };
      const pool = createImagePool();
      try {
        for (let from = 0; from < files.length; from += pieceLength) {
          const images: ManifestImage[] = [];
          const named: NamedImage[] = [];
          const unread: Unread[] = [];
          const sources = files.slice(from, from + pieceLength).map(({ file }) => ({ path: join(root, file) }));
          for await (const outcome of pool.inspectMany(sources, { signal })) {
            const at = from + outcome.index;
            const { file } = files[at]!;
            const id = first + at;
            if (outcome.ok) {
              const columns = values.get(file);
              images.push({ id, path: join(root, file), hash: outcome.value.hash, ...(columns && { columns }) });
              named.push({ id, file, group: null, label: null });
            } else if (imageNames.test(file)) {
              unread.push({ file, group: null, reason: outcome.reason });
            }
          }
          yield { images: images.sort((a, b) => a.id - b.id), named, unread };
        }
      } finally {
        pool.close();
      }
    },
  };
}
