import { mkdir, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { ArmName } from '../../contract/run-files.ts';
import type { Why } from '../../contract/why.ts';
import type { Picture } from '../explain/cells.ts';
import { readParts } from '../data/reader.ts';
import { normaliseFeatures } from '../regimes/probe.ts';
import { readSafetensors, writeSafetensors } from '../weights/safetensors.ts';
import type { Applied } from './applied.ts';
import { armFeatures } from './embed.ts';
import { EMBED_BATCH, type Features } from './embedder.ts';
import type { Job } from './job.ts';

/** Shown beside a picture. */
const MOST = 6;

/**
 * The labelled images the applied model learned from that look most like a picture to it: by the angle between features
 * that are centred as its head centres them. Of several models the first one.
 * @param except image that is not among them
 */
export async function nearestLabelled(
  job: Job,
  arm: ArmName,
  { models: [first], embedder }: Applied,
  { pixels, box }: Picture,
  except: number,
): Promise<Why['near']> {
  const { model, backbone } = first!;
  await embedder.load(backbone);
  const own = await embedder.embed(pixels, [box]);
  const { ids, data } = model.backbone ? await tunedFeatures(job, arm, embedder) : await armFeatures(job, arm, 0);
  const [picture, labelled] = [own, data].map((features) => normaliseFeatures(features, model.head.mean));
  const rowOf = new Map(Array.from(ids, (id, row) => [id, row]));
  const { columns } = picture!;
  return job.usable.training
    .flatMap(({ image, class: label }) => {
      const row = rowOf.get(image);
      if (row === undefined || image === except) return [];
      let likeness = 0;
      for (let j = 0; j < columns; j++) likeness += picture!.data[j]! * labelled!.data[row * columns + j]!;
      return [{ image, class: label, likeness }];
    })
    .sort((a, b) => b.likeness - a.likeness)
    .slice(0, MOST)
    .map(({ image, class: label }) => ({ image, class: label }));
}

/** Features of the training labels by a tuned backbone, which nothing else of a run needs; kept for the next picture. */
async function tunedFeatures(job: Job, arm: ArmName, embedder: Applied['embedder']): Promise<Features> {
  const path = job.run.paths.tunedFeatures(arm);
  if (!(await stat(path).catch(() => null))) {
    const images = [...new Set(job.usable.training.map(({ image }) => image))].map((id) => job.run.image(id));
    const ids: number[] = [];
    const rows: Float32Array[] = [];
    for await (const part of readParts(job.records, images, EMBED_BATCH)) {
      job.context.signal.throwIfAborted();
      if (part.images.length === 0) continue;
      ids.push(...part.images.map(({ id }) => id));
      rows.push(await embedder.embed(part.pixels, part.boxes));
    }
    await mkdir(dirname(path), { recursive: true, mode: 0o700 });
    const width = job.backbone.features;
    await writeSafetensors(path, {
      features: {
        shape: [ids.length, width],
        dtype: 'float32',
        data: Float32Array.from(rows.flatMap((row) => [...row])),
      },
      ids: { shape: [ids.length], dtype: 'int32', data: Int32Array.from(ids) },
    });
  }
  const { tensors } = await readSafetensors(path);
  return { ids: tensors['ids']?.data as Int32Array, data: tensors['features']?.data as Float32Array };
}
