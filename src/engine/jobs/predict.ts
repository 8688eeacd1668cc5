import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { ArmName, ManifestImage } from '../../contract/run-files.ts';
import { readParts, type Part } from '../data/reader.ts';
import type { FailedImage } from '../data/records.ts';
import { writeSafetensors } from '../weights/safetensors.ts';
import { openApplied } from './applied.ts';
import { EMBED_BATCH } from './embedder.ts';
import type { Job } from './job.ts';
import { createMeter, type Meter } from './meter.ts';

/** Records held at a time: enough that changing the backbone between models costs little. */
const CHUNK_BYTES = 64 * 2 ** 20;

export interface Predicted {
  readonly images: number;
  readonly failed: FailedImage[];
  readonly imagesPerSecond: number;
}

/** Records, and what a model says of them. */
export interface PredictedPart {
  readonly part: Part;
  /** [part.images.length, classes] */
  readonly values: Float32Array;
}

/**
 * Probabilities of any images by the applied model of an arm: the mean over its seeds, each corrected by the
 * temperature. Of an image no more is kept than its row. Writes `ids` [n] int32 and `probabilities` [n, classes]
 * float32 to `out`, images that cannot be decoded left out.
 * @throws AppError `job.not-trained`, `disk.full`
 */
export async function predict(
  job: Job,
  arm: ArmName,
  images: readonly ManifestImage[],
  out: string,
): Promise<Predicted> {
  const meter = createMeter((progress) => job.context.progress(progress), 'predict', images.length);
  const parts = predictParts(job, arm, images, meter);
  return writePredicted(parts, images.length, job.run.manifest.classes.length, meter, out);
}

/** Writes what parts say of images. @param count images there are, those among them that cannot be read */
export async function writePredicted(
  parts: AsyncIterable<PredictedPart>,
  count: number,
  classes: number,
  meter: Meter,
  out: string,
): Promise<Predicted> {
  const ids = new Int32Array(count);
  const probabilities = new Float32Array(count * classes);
  const failed: FailedImage[] = [];
  let done = 0;
  for await (const { part, values } of parts) {
    failed.push(...part.failed);
    ids.set(
      part.images.map(({ id }) => id),
      done,
    );
    probabilities.set(values, done * classes);
    done += part.images.length;
  }
  await mkdir(dirname(out), { recursive: true, mode: 0o700 });
  await writeSafetensors(out, {
    ids: { shape: [done], dtype: 'int32', data: ids.slice(0, done) },
    probabilities: { shape: [done, classes], dtype: 'float32', data: probabilities.slice(0, done * classes) },
  });
  return { images: done, failed: failed.sort((a, b) => a.image - b.image), imagesPerSecond: meter.rate() };
}

/** `predict`, part by part. */
export async function* predictParts(
  job: Job,
  arm: ArmName,
  images: readonly ManifestImage[],
  meter: Pick<Meter, 'advance'>,
): AsyncGenerator<PredictedPart> {
  const applied = await openApplied(job, arm);
  const { recordBytes } = job.records.cache;
  const chunk = EMBED_BATCH * Math.max(1, Math.floor(CHUNK_BYTES / recordBytes / EMBED_BATCH));
  for await (const part of readParts(job.records, images, chunk)) {
    const { pixels, boxes } = part;
    const rows = part.images.map(({ columns = [] }) => columns);
    const values = await applied.probabilities(
      boxes.length,
      (from, to) => ({
        pixels: pixels.subarray(from * recordBytes),
        boxes: boxes.slice(from, to),
        rows: rows.slice(from, to),
      }),
      (n) => meter.advance(n),
    );
    meter.advance(part.failed.length);
    yield { part, values };
  }
}
