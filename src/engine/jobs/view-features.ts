import { stat } from 'node:fs/promises';
import { viewPreset } from '../augment/presets.ts';
import { drawViewRandom, viewRandomSpec } from '../augment/random.ts';
import type { ViewPreset } from '../augment/types.ts';
import type { ArmName } from '../../contract/run-files.ts';
import { generator } from '../data/random.ts';
import { batchTree, readParts } from '../data/reader.ts';
import { lostImage } from '../data/records.ts';
import type { Box } from '../data/record-cache.ts';
import { withPrefix } from '../nn/tree.ts';
import type { HostTree } from '../nn/types.ts';
import { viewFeaturesProgram } from '../regimes/programs/embed.ts';
import { readSafetensors, writeSafetensors } from '../weights/safetensors.ts';
import { EMBED_BATCH } from './embedder.ts';
import { backboneOf, type Job } from './job.ts';

/** Random views of each image that a head learns from while the backbone is held. */
export const VIEWS = 8;

export interface ImageView {
  readonly image: number;
  /** 0..VIEWS−1; what is seen in it follows from the seed of the run, the image and this number. */
  readonly view: number;
}

const keyOf = ({ image, view }: ImageView): number => image * VIEWS + view;

/**
 * Features of views of images, by the backbone of an arm and seed. What was computed once is kept in the run folder:
 * draws, folds and sessions share it.
 * @returns features [width] of each view that was asked for
 * @throws AppError `job.image-lost`; the reason of the job's signal when aborted
 */
export async function viewFeatures(
  job: Job,
  arm: ArmName,
  seed: number,
  wanted: readonly ImageView[],
): Promise<(view: ImageView) => Float32Array> {
  const path = job.run.paths.viewFeatures(arm, arm === 'plain' ? 0 : seed);
  const known = await read(path, job.backbone.features);
  const missing = [...new Map(wanted.map((view) => [keyOf(view), view])).values()].filter(
    (view) => !known.has(keyOf(view)),
  );
  if (missing.length > 0) {
    for (const [key, row] of await compute(job, await backboneOf(job, arm, seed), missing)) known.set(key, row);
    await write(path, known, job.backbone.features);
  }
  return (view) => {
    const row = known.get(keyOf(view));
    if (!row) throw new RangeError(`no features of view ${view.view} of image ${view.image}`);
    return row;
  };
}

async function compute(job: Job, backbone: HostTree, views: readonly ImageView[]): Promise<Map<number, Float32Array>> {
  const { spec } = job.run;
  const { recordBytes, side } = job.records.cache;
  const preset = viewPreset(spec.views);
  const options = { batch: EMBED_BATCH, recordSide: spec.recordSide, size: spec.size };
  const key = `views ${job.backbone.name} ${JSON.stringify([options, preset.name])}`;
  const make = () => viewFeaturesProgram({ backbone: job.backbone, ...options, views: preset });
  const compiled = await job.services.programs.get(job.executor, 'pass', key, make);
  await compiled.load(withPrefix(backbone, 'backbone.'));
  const whole: Box = [0, 0, side, side];
  const padded = new Uint8Array(EMBED_BATCH * recordBytes);
  const rows = new Map<number, Float32Array>();
  const width = job.backbone.features;
  let at = 0;
  for await (const { pixels, boxes, failed } of readParts(
    job.records,
    views.map(({ image }) => job.run.image(image)),
    EMBED_BATCH,
  )) {
    const [lost] = failed;
    if (lost) throw lostImage(lost);
    job.context.signal.throwIfAborted();
    const some = views.slice(at, at + boxes.length);
    padded.set(pixels.subarray(0, boxes.length * recordBytes));
    const filled = Array.from({ length: EMBED_BATCH }, (_, i) => boxes[i] ?? whole);
    const { features } = await compiled.run({
      batch: batchTree({ pixels: padded, boxes: filled }, side),
      hyper: {},
      random: drawEach(preset, spec.seed, some),
    });
    const data = features?.data as Float32Array;
    some.forEach((view, i) => rows.set(keyOf(view), data.slice(i * width, (i + 1) * width)));
    at += some.length;
  }
  return rows;
}

/** Random numbers of each view by itself, so that it is the same one in whatever batch it is. */
function drawEach(preset: ViewPreset, seed: number, views: readonly ImageView[]): HostTree {
  const draws = views.map((view) => drawViewRandom(preset, 1, generator(seed, 'head views', keyOf(view))));
  return Object.fromEntries(
    Object.entries(viewRandomSpec(preset, EMBED_BATCH)).map(([name, spec]) => {
      const columns = spec.shape[1] ?? 1;
      const data = new Float32Array(EMBED_BATCH * columns);
      draws.forEach((draw, i) => data.set(draw[name]?.data ?? [], i * columns));
      return [name, { ...spec, data }];
    }),
  );
}

async function read(path: string, width: number): Promise<Map<number, Float32Array>> {
  if (!(await stat(path).catch(() => null))) return new Map();
  const { tensors } = await readSafetensors(path);
  const data = tensors['features']?.data as Float32Array;
  const keys = tensors['views']?.data as Int32Array;
  return new Map(Array.from(keys, (key, row) => [key, data.subarray(row * width, (row + 1) * width)]));
}

async function write(path: string, rows: ReadonlyMap<number, Float32Array>, width: number): Promise<void> {
  const data = new Float32Array(rows.size * width);
  [...rows.values()].forEach((row, i) => data.set(row, i * width));
  await writeSafetensors(path, {
    features: { shape: [rows.size, width], dtype: 'float32', data },
    views: { shape: [rows.size], dtype: 'int32', data: Int32Array.from(rows.keys()) },
  });
}
