import { mkdir, stat, statfs } from 'node:fs/promises';
import { z } from 'zod';
import type { CallContext } from '../../rpc/types.ts';
import type { FailedImage, Records } from '../data/records.ts';
import { createMeter } from './meter.ts';
import { readRunJson, writeRunJson } from '../../files/run-json.ts';
import type { RunFolder } from './run-folder.ts';

/** Bytes the cache of one run may take; what does not fit is decoded on demand. */
const CACHE_BYTES = 64 * 2 ** 30;
/** Bytes that stay free on the disk for saved points and results. */
const RESERVED_BYTES = 2 * 2 ** 30;

const preparedSchema = z.object({ failed: z.array(z.object({ image: z.int(), code: z.string() })) });

export interface Prepared {
  readonly decoded: number;
  readonly cached: number;
  readonly failed: FailedImage[];
}

/**
 * Fills the cache with every image of the manifest. What is there and valid is kept. The first time, images that the
 * cache has no room for are decoded as well, to know which cannot be; the list of those is part of the run from then
 * on, so that a resumed run leaves out the same ones.
 * @throws AppError `disk.full`; the reason of the signal when aborted
 */
export async function prepare(
  run: RunFolder,
  records: Records,
  context: CallContext,
  cacheBytes = CACHE_BYTES,
): Promise<Prepared> {
  const before = await failedBefore(run);
  const left = new Set(before?.map(({ image }) => image));
  const { cache } = records;
  const missing = [];
  for (const image of run.manifest.images) if (!left.has(image.id) && !(await cache.has(image))) missing.push(image);
  let cached = run.manifest.images.length - left.size - missing.length;
  const held = cached * cache.recordBytes;
  let room = Math.floor(Math.min(cacheBytes - held, await freeBytes(run.manifest.cacheFolder)) / cache.recordBytes);
  const wanted = before ? missing.slice(0, Math.max(0, room)) : missing;
  const meter = createMeter((progress) => context.progress(progress), 'prepare', wanted.length);
  const failed: FailedImage[] = before ? [...before] : [];
  let decoded = 0;
  for await (const outcome of records.decode(wanted, context.signal)) {
    if ('code' in outcome) failed.push(outcome);
    else {
      decoded++;
      if (room-- > 0) {
        await cache.write(outcome.image, outcome.pixels, outcome.box);
        cached++;
      }
    }
    meter.advance(1);
  }
  meter.advance(0);
  failed.sort((a, b) => a.image - b.image);
  await writeRunJson(run.paths.prepared, { failed });
  return { decoded, cached, failed };
}

/** What could not be decoded when the run was prepared, or null where it has not been. */
export async function failedBefore(run: RunFolder): Promise<readonly FailedImage[] | null> {
  const there = await stat(run.paths.prepared).catch(() => null);
  return there ? (await readRunJson(run.paths.prepared, preparedSchema)).failed : null;
}

async function freeBytes(folder: string): Promise<number> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const { bavail, bsize } = await statfs(folder);
  return Math.max(0, bavail * bsize - RESERVED_BYTES);
}
