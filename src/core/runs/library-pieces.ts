import type { ManifestImage } from '../../contract/run-files.ts';
import type { Project } from '../db/open.ts';
import { manifestImage, type ImageFile } from '../library/manifest-image.ts';
import { readImportSetting } from '../library/paths.ts';

/** Features of so many images are held at a time. */
export const featuresAtOnce = 8192;

/** The readable images of a project, a piece at a time. */
export interface LibraryPieces {
  readonly images: number;
  /** In the order of their ids. */
  readonly pieces: readonly number[];
  imagesOf(piece: number): ManifestImage[];
}

/** A piece is a span of ids, so that one that is done stays what it was when images come or go meanwhile. */
export function libraryPieces({ db }: Project): LibraryPieces {
  const setting = readImportSetting(db);
  const readable = `role = 'main' AND state = 'ok'`;
  const images = db.prepare<[], number>(`SELECT count(*) FROM image WHERE ${readable}`).pluck().get() ?? 0;
  const pieces = db
    .prepare<[], number>(`SELECT DISTINCT id / ${featuresAtOnce} FROM image WHERE ${readable} ORDER BY 1`)
    .pluck()
    .all();
  const within = db.prepare<[number, number], ImageFile>(
    `SELECT id, file, hash, page FROM image WHERE ${readable} AND id >= ? AND id < ? ORDER BY id`,
  );
  return {
    images,
    pieces: setting ? pieces : [],
    imagesOf: (piece) =>
      within
        .all(piece * featuresAtOnce, (piece + 1) * featuresAtOnce)
        .map((row) => manifestImage(setting!.folder, row)),
  };
}
