import { mkdir, rm, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { ArmName, ManifestImage } from '../../contract/run-files.ts';
import { readParts } from '../data/reader.ts';
import { readSafetensors, writeSafetensors } from '../weights/safetensors.ts';
import { createEmbedder, EMBED_BATCH, turnsOf } from './embedder.ts';
import { backboneOf, type Job } from './job.ts';
import { createMeter } from './meter.ts';
import type { RunFolder } from './run-folder.ts';

/**
 * Features of some images of the library, in a file of their own: `ids` [n] int32, `features` [n, width] float32.
 * Images that cannot be decoded are left out. Does nothing where the file is there.
 * @returns images embedded now, per second
 * @throws AppError `job.not-adapted`, `disk.full`; the reason of the job's signal when aborted
 */
export async function embedPiece(
  job: Job,
  arm: ArmName,
  seed: number,
  piece: number,
  images: readonly ManifestImage[],
): Promise<{ images: number; imagesPerSecond: number }> {
  const { piece: pieceOf, library } = job.run.paths;
  const path = pieceOf(arm, seed, piece);
  if ((await exists(path)) || (await exists(library(arm, seed)))) return { images: 0, imagesPerSecond: 0 };
  const embedder = await createEmbedder(job, turnsOf(job.run.spec));
  await embedder.load(await backboneOf(job, arm, seed));
  const meter = createMeter((progress) => job.context.progress(progress), 'embed', images.length);
  const width = job.backbone.features;
  const ids = new Int32Array(images.length);
  const features = new Float32Array(images.length * width);
  let done = 0;
  for await (const part of readParts(job.records, images, EMBED_BATCH)) {
    job.context.signal.throwIfAborted();
    const count = part.images.length;
    if (count > 0) features.set(await embedder.embed(part.pixels, part.boxes), done * width);
    ids.set(
      part.images.map(({ id }) => id),
      done,
    );
    done += count;
    meter.advance(count + part.failed.length);
  }
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  await writeSafetensors(path, {
    ids: { shape: [done], dtype: 'int32', data: ids.subarray(0, done) },
    features: { shape: [done, width], dtype: 'float32', data: features.subarray(0, done * width) },
  });
  return { images: done, imagesPerSecond: meter.rate() };
}

/**
 * Makes one file of all pieces, and of the `mean` [width] that probes on these features are centred by. Holds one piece
 * at a time; they are removed when the file is whole.
 * @returns how many images have features
 * @throws AppError `weights.not-found` where a piece is missing, `disk.full`
 */
export async function gatherPieces(
  { paths }: Pick<RunFolder, 'paths'>,
  arm: ArmName,
  seed: number,
  pieces: readonly number[],
): Promise<number> {
  const library = paths.library(arm, seed);
  const read = async (piece: number) => (await readSafetensors(paths.piece(arm, seed, piece))).tensors;
  if (await exists(library)) return (await readSafetensors(library)).tensors['ids']!.data.length;
  const ids: number[] = [];
  for (const piece of pieces) for (const id of (await read(piece))['ids']!.data) ids.push(id);
  const mean = (await readSafetensors(paths.features(arm, seed))).tensors['mean']!;
  async function* rows(): AsyncGenerator<Float32Array> {
    for (const piece of pieces) yield (await read(piece))['features']!.data as Float32Array;
  }
  await writeSafetensors(library, {
    features: { shape: [ids.length, ...mean.shape], dtype: 'float32', rows: rows() },
    ids: { shape: [ids.length], dtype: 'int32', data: Int32Array.from(ids) },
    mean,
  });
  for (const piece of pieces) await rm(paths.piece(arm, seed, piece), { force: true });
  return ids.length;
}

const exists = async (path: string): Promise<boolean> => (await stat(path).catch(() => null)) !== null;
