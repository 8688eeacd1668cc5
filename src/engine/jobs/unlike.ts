import { stat } from 'node:fs/promises';
import { AppError } from '../../contract/errors.ts';
import { unlikeSchema, type ArmName, type Unlike } from '../../contract/run-files.ts';
import { readRunJson, writeRunJson } from '../../files/run-json.ts';
import { generator } from '../data/random.ts';
import { limitOf, nearestDistances, referencesOf, type References } from '../regimes/unlike.ts';
import { armFeatures } from './embed.ts';
import type { Job } from './job.ts';

/** With fewer check images, what is usual is told from the training images. */
const fewestChecked = 30;

/** What tells images unlike the training images. */
export interface Measure {
  readonly unlike: Unlike;
  /** Of rows of features [n, width], as multiples of the limit. Null where there are too few training images. */
  readonly distances: ((features: Float32Array) => Float64Array) | null;
}

/**
 * Measures by the labelled training images, in the features of the arm's first seed from before labels tuned it: a
 * backbone that was tuned on these images has learned them, so their distances to each other say nothing of new ones.
 * Calibrated once and kept.
 * @returns null where features are wanted of images that cannot be read any more
 */
export async function measureOf(job: Job, arm: ArmName): Promise<Measure | null> {
  const { training, check } = job.usable;
  const features = await armFeatures(job, arm, 0).catch((cause: unknown) => {
    if (cause instanceof AppError && cause.code === 'job.image-lost') return null;
    throw cause;
  });
  if (features === null) return null;
  const references = referencesOf(
    features.rows(training.map(({ image }) => image)),
    training.map(({ group }) => group),
    generator(job.run.spec.seed, 'unlike'),
  );
  const path = job.run.paths.unlike(arm);
  const isThere = await stat(path).catch(() => null);
  const unlike = isThere
    ? await readRunJson(path, unlikeSchema)
    : calibrated(references, features.rows(check), check.length);
  if (!isThere) await writeRunJson(path, unlike);
  const { limit } = unlike;
  return {
    unlike,
    distances: limit === null ? null : (rows) => nearestDistances(references, rows).map((value) => value / limit),
  };
}

function calibrated(references: References, checkRows: Float32Array, checks: number): Unlike {
  const labels = references.groups.length;
  const found = limitOf(references);
  if (!found) return { version: 1, labels, limit: null, usual: null };
  const { limit, expected } = found;
  if (checks < fewestChecked) return { version: 1, labels, limit, usual: { share: expected, images: labels } };
  const above = nearestDistances(references, checkRows).filter((distance) => distance > limit).length;
  return { version: 1, labels, limit, usual: { share: above / checks, images: checks } };
}
