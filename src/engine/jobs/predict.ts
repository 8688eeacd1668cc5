import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { ArmName, ManifestImage, Unlike } from '../../contract/run-files.ts';
import { readParts, type Part } from '../data/reader.ts';
import type { FailedImage } from '../data/records.ts';
import { writeSafetensors } from '../weights/safetensors.ts';
import { openApplied, type Applied } from './applied.ts';
import { EMBED_BATCH } from './embedder.ts';
import type { Job } from './job.ts';
import { createMeter, type Meter } from './meter.ts';
import { measureOf, type Measure } from './unlike.ts';

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
  /** [part.images.length], as multiples of the limit beyond which an image is unlike the training images. */
  readonly distances?: Float64Array;
}

/**
 * Probabilities of any images by the applied model of an arm: the mean over its seeds, each corrected by the
 * temperature. Of an image no more is kept than its row. Writes `ids` [n] int32, `probabilities` [n, classes] float32
 * and, where it can be told what is unlike the training images, `distances` [n] float32 to `out`, images that cannot be
 * decoded left out.
 * @throws AppError `job.not-trained`, `disk.full`
 */
export async function predict(
  job: Job,
  arm: ArmName,
  images: readonly ManifestImage[],
  out: string,
): Promise<Predicted & { unlike: Unlike | null }> {
  const meter = createMeter((progress) => job.context.progress(progress), 'predict', images.length);
  const applied = await openApplied(job, arm);
  const measure = await measureOf(job, arm);
  const parts = predictParts(job, applied, images, meter, measure);
  const predicted = await writePredicted(parts, images.length, job.run.manifest.classes.length, meter, out);
  return { ...predicted, unlike: measure?.unlike ?? null };
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
  let distances: Float32Array | undefined;
  const failed: FailedImage[] = [];
  let done = 0;
  for await (const { part, values, distances: some } of parts) {
    failed.push(...part.failed);
    ids.set(
      part.images.map(({ id }) => id),
      done,
    );
    probabilities.set(values, done * classes);
    if (some) (distances ??= new Float32Array(count)).set(some, done);
    done += part.images.length;
  }
  await mkdir(dirname(out), { recursive: true, mode: 0o700 });
  await writeSafetensors(out, {
    ids: { shape: [done], dtype: 'int32', data: ids.subarray(0, done) },
    probabilities: { shape: [done, classes], dtype: 'float32', data: probabilities.subarray(0, done * classes) },
    ...(distances && { distances: { shape: [done], dtype: 'float32', data: distances.subarray(0, done) } }),
  });
  return { images: done, failed: failed.sort((a, b) => a.image - b.image), imagesPerSecond: meter.rate() };
}

/** `predict`, part by part. @param measure without it, nothing is told of distances */
export async function* predictParts(
  job: Job,
  applied: Applied,
  images: readonly ManifestImage[],
  meter: Pick<Meter, 'advance'>,
  measure: Measure | null = null,
): AsyncGenerator<PredictedPart> {
  const distancesOf = measure?.distances ?? null;
  const { recordBytes } = job.records.cache;
  const chunk = EMBED_BATCH * Math.max(1, Math.floor(CHUNK_BYTES / recordBytes / EMBED_BATCH));
  for await (const part of readParts(job.records, images, chunk)) {
    const { pixels, boxes } = part;
    const rows = part.images.map(({ columns = [] }) => columns);
    const distances = new Float64Array(boxes.length);
    const values = await applied.probabilities(
      boxes.length,
      (from, to) => ({
        pixels: pixels.subarray(from * recordBytes),
        boxes: boxes.slice(from, to),
        rows: rows.slice(from, to),
      }),
      (n) => meter.advance(n),
      distancesOf && ((features, from) => distances.set(distancesOf(features), from)),
    );
    meter.advance(part.failed.length);
    yield { part, values, ...(distancesOf && { distances }) };
  }
}
