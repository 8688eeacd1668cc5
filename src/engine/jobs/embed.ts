import { mkdir, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { labelledImages, type ArmName } from '../../contract/run-files.ts';
import { generator } from '../data/random.ts';
import { readSafetensors, writeSafetensors } from '../weights/safetensors.ts';
import { createEmbedder, type Features, turnsOf } from './embedder.ts';
import { backboneOf, type Job } from './job.ts';
import { createMeter } from './meter.ts';

/** Unlabelled images whose mean the probe centres by. */
const CENTRE_IMAGES = 2000;

/** Features of one arm and seed: of every labelled image, and the mean over unlabelled images of the training side. */
export interface ArmFeatures extends Features {
  /** [width] */
  readonly mean: Float32Array;
  /** Rows of images of the run. @returns [ids.length, width] */
  rows(ids: readonly number[]): Float32Array;
}

/**
 * Computes the features of one arm and seed, unless they are there. Without adaptation every seed has the same ones.
 * @returns images embedded now, per second; 0 where nothing was left to do
 */
export async function embed(
  job: Job,
  arm: ArmName,
  seed: number,
): Promise<{ images: number; imagesPerSecond: number }> {
  const path = pathOf(job, arm, seed);
  const { training, adapt } = job.usable;
  const labelled = labelledImages(job.usable);
  if (await stat(path).catch(() => null)) return { images: labelled.length, imagesPerSecond: 0 };
  // Check images never enter the mean; without an unlabelled image the training images stand in.
  const pool = adapt.length > 0 ? adapt : training.map(({ image }) => image);
  const order = generator(job.run.spec.seed, 'centre').permutation(pool.length).subarray(0, CENTRE_IMAGES);
  const centre = [...order].map((at) => pool[at] as number).sort((a, b) => a - b);
  const wanted = [...new Set([...labelled, ...centre])];
  const embedder = await createEmbedder(job, turnsOf(job.run.spec));
  await embedder.load(await backboneOf(job, arm, seed));
  const meter = createMeter((progress) => job.context.progress(progress), 'embed', wanted.length);
  const width = job.backbone.features;
  const centred = new Set(centre);
  const sums = new Float64Array(width);
  const mean = new Float32Array(width);
  /** Rows of labelled images go to the file, those of the centre into the mean, and none is kept. */
  async function* rows(): AsyncGenerator<Float32Array> {
    let at = 0;
    for await (const features of embedder.embedEach(wanted)) {
      const count = features.length / width;
      for (let row = 0; row < count; row++)
        if (centred.has(wanted[at + row] as number))
          for (let j = 0; j < width; j++) sums[j] = (sums[j] as number) + (features[row * width + j] as number);
      const kept = Math.min(count, Math.max(0, labelled.length - at));
      at += count;
      meter.advance(count);
      if (kept > 0) yield features.subarray(0, kept * width);
    }
    mean.set(sums.map((sum) => sum / centre.length));
  }
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  // Written in the order of their names: the mean is known when the last features are.
  await writeSafetensors(path, {
    features: { shape: [labelled.length, width], dtype: 'float32', rows: rows() },
    ids: { shape: [labelled.length], dtype: 'int32', data: Int32Array.from(labelled) },
    mean: { shape: [width], dtype: 'float32', data: mean },
  });
  return { images: wanted.length, imagesPerSecond: meter.rate() };
}

/** The features of one arm and seed, computed first where they are not there. */
export async function armFeatures(job: Job, arm: ArmName, seed: number): Promise<ArmFeatures> {
  await embed(job, arm, seed);
  const { tensors } = await readSafetensors(pathOf(job, arm, seed));
  const ids = tensors['ids']?.data as Int32Array;
  const data = tensors['features']?.data as Float32Array;
  const mean = tensors['mean']?.data as Float32Array;
  const rowOf = new Map(Array.from(ids, (id, row) => [id, row]));
  return {
    ids,
    data,
    mean,
    rows(wanted) {
      const out = new Float32Array(wanted.length * mean.length);
      wanted.forEach((id, i) => {
        const row = rowOf.get(id);
        if (row === undefined) throw new RangeError(`no features of image ${id}`);
        out.set(data.subarray(row * mean.length, (row + 1) * mean.length), i * mean.length);
      });
      return out;
    },
  };
}

const pathOf = (job: Job, arm: ArmName, seed: number): string =>
  job.run.paths.features(arm, arm === 'plain' ? 0 : seed);
