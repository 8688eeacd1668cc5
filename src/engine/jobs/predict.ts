import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { AppError } from '../../contract/errors.ts';
import type { ArmName, ManifestImage } from '../../contract/run-files.ts';
import { readParts, type Part } from '../data/reader.ts';
import type { FailedImage } from '../data/records.ts';
import type { HostTree } from '../nn/types.ts';
import { encodeColumns } from '../regimes/columns.ts';
import { headProbabilities } from '../regimes/probe.ts';
import { writeSafetensors } from '../weights/safetensors.ts';
import { appliedTemperature } from './calibrate.ts';
import { seedsOf } from './deploy.ts';
import { createEmbedder, EMBED_BATCH, turnsOf } from './embedder.ts';
import { backboneOf, type Job } from './job.ts';
import { createMeter, type Meter } from './meter.ts';
import { readModel } from './model-file.ts';
import type { Model } from './train.ts';

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
  const models = await deployedModels(job, arm);
  const temperature = await appliedTemperature(job, arm);
  const { records, run, context } = job;
  const { recordBytes } = records.cache;
  const classes = run.manifest.classes.length;
  const embedder = await createEmbedder(job, turnsOf(run.spec));
  const chunk = EMBED_BATCH * Math.max(1, Math.floor(CHUNK_BYTES / recordBytes / EMBED_BATCH));
  for await (const part of readParts(records, images, chunk)) {
    const { pixels, boxes } = part;
    const values = new Float32Array(boxes.length * classes);
    const rows = part.images.map(({ columns = [] }) => columns);
    for (const { model, backbone } of models) {
      await embedder.load(backbone);
      for (let from = 0; from < boxes.length; from += EMBED_BATCH) {
        context.signal.throwIfAborted();
        const some = boxes.slice(from, from + EMBED_BATCH);
        const features = await embedder.embed(pixels.subarray(from * recordBytes), some);
        const beside = encodeColumns(model.columns, rows.slice(from, from + EMBED_BATCH));
        headProbabilities(model.head, features, { beside, temperature }).forEach((value, i) => {
          const place = from * classes + i;
          values[place] = (values[place] as number) + value / models.length;
        });
        meter.advance(some.length / models.length);
      }
    }
    meter.advance(part.failed.length);
    yield { part, values };
  }
}

/** The models whose probabilities are averaged, each with the backbone below its head. @throws AppError `job.not-trained` */
export async function deployedModels(job: Job, arm: ArmName): Promise<{ model: Model; backbone: HostTree }[]> {
  const first = await readModel(job.run.paths.deployed(arm, 0)).catch((cause: unknown) => {
    if (cause instanceof AppError && cause.code === 'weights.not-found')
      throw new AppError('job.not-trained', { arm }, { cause });
    throw cause;
  });
  const models = [];
  for (const seed of seedsOf(job, arm, first.regime)) {
    const model = seed === 0 ? first : await readModel(job.run.paths.deployed(arm, seed));
    models.push({ model, backbone: model.backbone ?? (await backboneOf(job, arm, seed)) });
  }
  return models;
}
