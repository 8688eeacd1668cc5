import { readFile, mkdir } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { dirname, join } from 'node:path';
import { AppError } from '../../contract/errors.ts';
import { writeWhole } from '../../files/whole.ts';
import type { EncodedImage, EncodeOptions, ImageOutcome } from '../../images/types.ts';
import type { Project, ProjectPaths } from '../db/open.ts';
import { imageFolder, pathInside } from '../library/paths.ts';
import { LatestFirst } from './latest-first.ts';
import { previewPath } from './previews.ts';
import { RestingPool } from './resting-pool.ts';
import { Shared } from './shared.ts';

const thumbSide = 256;
const viewSide = 4096;
const mostDecoders = 4;

interface PictureBytes {
  readonly type: string;
  readonly bytes: Uint8Array;
}
export interface Pictures {
  /** @throws AppError `image.unknown`, `image.unreadable` */
  read(project: Project, image: number, kind: 'thumb' | 'view', signal: AbortSignal): Promise<PictureBytes>;
  /** @throws AppError `image.key`, `image.unreadable` */
  preview(key: string, signal: AbortSignal): Promise<PictureBytes>;
  /** Pictures will be asked for in a moment. */
  warm(): void;
  /** Resolves when what was made so far is on disk. */
  settled(): Promise<void>;
  close(): void;
}

interface Row {
  readonly id: number;
  readonly role: string;
  readonly batch: number;
  readonly file: string;
  readonly page: number;
  readonly hash: string | null;
  readonly reason: string | null;
}

/** Where the small copy of a content lies: copies of one file share it. */
export const thumbPath = ({ thumbnails }: Pick<ProjectPaths, 'thumbnails'>, hash: string, page: number): string =>
  join(thumbnails, hash.slice(0, 2), `${hash}-${page}.jpg`);

/** Pictures of images for the page: small ones kept on disk by content, large ones made when they are looked at. */
export function createPictures(): Pictures {
  const places = Math.min(mostDecoders, availableParallelism());
  const queue = new LatestFirst(places);
  const shared = new Shared<ImageOutcome<EncodedImage>>();
  const decoders = new RestingPool({ size: places });
  let written: Promise<void> = Promise.resolve();

  const encode = (
    source: { path: string; page: number },
    options: EncodeOptions,
    signal: AbortSignal,
  ): Promise<ImageOutcome<EncodedImage>> =>
    decoders.use((pool) => queue.run(() => pool.encode(source, { ...options, signal }), signal));
  /** One after the other: a scroll through new images must not keep the disk from a label. */
  const keep = (path: string, bytes: Uint8Array): void => {
    written = written.then(async () => {
      try {
        await mkdir(dirname(path), { recursive: true, mode: 0o700 });
        await writeWhole(path, [bytes]);
      } catch {
        // A disk that is full keeps no copies; they are made again when they are looked at.
      }
    });
  };

  const thumb = async (
    project: Project,
    row: Row,
    folder: string | null,
    signal: AbortSignal,
  ): Promise<PictureBytes> => {
    const kept = row.hash === null ? null : thumbPath(project.paths, row.hash, row.page);
    const onDisk = kept === null ? null : await readKept(kept);
    if (onDisk) return onDisk;
    const outcome = await shared.run(kept ?? `${project.id}/${row.id}`, signal, async (both) => {
      const made = await encode(
        { path: await pathInside(folder, row), page: row.page },
        { side: thumbSide, use: 'thumb' },
        both,
      );
      // A file that has changed since it was read is shown as it is now, and not kept as what it was.
      if (made.ok && kept !== null && made.value.hash === row.hash && !project.readOnly) keep(kept, made.value.encoded);
      return made;
    });
    return toBytes(outcome);
  };

  return {
    read: async (project, image, kind, signal) => {
      const row = project.db
        .prepare<[number], Row>(
          `SELECT id, role, batch, file, page, hash, failure_reason AS reason FROM image WHERE id = ?`,
        )
        .get(image);
      if (!row) throw new AppError('image.unknown', { image });
      if (row.hash === null) throw new AppError('image.unreadable', { reason: row.reason ?? 'it was never read' });
      // All that the database is asked for: a project that was opened to be looked at is closed when it is worked on.
      const folder = imageFolder(project.db, row);
      if (kind === 'thumb') return thumb(project, row, folder, signal);
      const path = await pathInside(folder, row);
      const outcome = await shared.run(`view ${project.id}/${image}`, signal, (both) =>
        encode({ path, page: row.page }, { side: viewSide, use: 'view' }, both),
      );
      if (outcome.ok) return toBytes(outcome);
      // Better small than not at all while the drive is away.
      const small = await readKept(thumbPath(project.paths, row.hash, row.page));
      return small ?? toBytes(outcome);
    },
    preview: async (key, signal) => {
      const path = previewPath(key);
      if (path === undefined) throw new AppError('image.key');
      const work = (both: AbortSignal) => encode({ path, page: 0 }, { side: thumbSide, use: 'thumb' }, both);
      return toBytes(await shared.run(`preview ${key}`, signal, work));
    },
    warm: () =>
      void decoders.use((pool) => {
        pool.warm();
        return Promise.resolve();
      }),
    settled: () => written,
    close: () => decoders.close(),
  };
}

async function readKept(path: string): Promise<PictureBytes | null> {
  try {
    const bytes = await readFile(path);
    return bytes.length > 0 ? { type: 'image/jpeg', bytes } : null;
  } catch {
    return null;
  }
}

function toBytes(outcome: ImageOutcome<EncodedImage>): PictureBytes {
  if (!outcome.ok) throw new AppError('image.unreadable', { reason: outcome.reason });
  return { type: outcome.value.type, bytes: outcome.value.encoded };
}
