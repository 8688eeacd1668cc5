import { appendFile } from 'node:fs/promises';
import { AppError } from '../../contract/errors.ts';
import { recordSideOf } from '../../contract/run-files.ts';
import type { EngineCalls } from '../../contract/engine-calls.ts';
import { throwDiskFull } from '../../files/whole.ts';
import type { CallContext, InputOf, OutputOf } from '../../rpc/types.ts';
import type { Backbone } from '../backbones/types.ts';
import { generator } from '../data/random.ts';
import { RecordCache } from '../data/record-cache.ts';
import { readParts } from '../data/reader.ts';
import { Records, type FailedImage } from '../data/records.ts';
import type { HostTree } from '../nn/types.ts';
import { findWeights } from '../weights/manifest.ts';
import { readSafetensors } from '../weights/safetensors.ts';
import { createEmbedder, EMBED_BATCH } from './embedder.ts';
import type { EngineServices } from './services.ts';

/** One for all projects and versions: features that were made apart must be comparable. */
const projectionSeed = 1;

/**
 * Pooled features of images by a backbone, brought to `width` dimensions by a random projection (Johnson & Lindenstrauss 1984: distances are kept up to a few percent) and to unit length. Appended to
 * `out`, so that what was written is kept when it is broken off.
 * @throws AppError `weights.none`, `disk.full`; the reason of the signal when aborted
 */
export async function writeFeatures(
  services: EngineServices,
  input: InputOf<EngineCalls, 'job.features'>,
  context: CallContext,
): Promise<OutputOf<EngineCalls, 'job.features'>> {
  const { cacheFolder, size, width, images, out } = input;
  const backbone = services.backbone(input.backbone);
  const weights = await weightsOf(services, backbone, input.weights);
  const records = new Records(new RecordCache(cacheFolder, recordSideOf(size)), services.pool());
  const projection = generator(projectionSeed, 'features', backbone.features).normal(backbone.features * width);
  const byId = new Map(images.map((image) => [image.id, image]));
  const embedder = await createEmbedder(
    {
      services,
      executor: await services.executor('auto', input.device),
      backbone,
      records,
      context,
      run: { spec: { size, recordSide: recordSideOf(size) }, image: (id) => byId.get(id)! },
    },
    1,
  );
  const failed: FailedImage[] = [];
  let written = 0;
  try {
    await embedder.load(weights);
    let done = 0;
    for await (const part of readParts(records, images, EMBED_BATCH)) {
      context.signal.throwIfAborted();
      failed.push(...part.failed);
      done += part.images.length + part.failed.length;
      if (part.images.length > 0) {
        const features = await embedder.embed(part.pixels, part.boxes);
        const ids = part.images.map(({ id }) => id);
        await appendFile(out, packed(ids, projected(features, backbone.features, projection, width), width), {
          mode: 0o600,
        }).catch(throwDiskFull);
        written += part.images.length;
      }
      context.progress({ stage: 'features', fraction: done / images.length });
    }
  } finally {
    await records.cache.close();
  }
  return { images: written, failed: failed.map(({ image, code }) => ({ image, code })) };
}

/** @throws AppError `weights.…` */
async function weightsOf(
  services: EngineServices,
  backbone: Backbone,
  weights: InputOf<EngineCalls, 'job.features'>['weights'],
): Promise<HostTree> {
  if (weights.from === 'adapted') return (await readSafetensors(weights.file)).tensors;
  if (weights.from === 'project') return services.weights(backbone, weights.sha256, weights.folder);
  const found = await findWeights(backbone.name);
  if (!found) throw new AppError('weights.none', { backbone: backbone.name });
  return services.weights(backbone, found.sha256, null);
}

/** @returns [n, width], each row of unit length */
function projected(features: Float32Array, from: number, projection: Float32Array, width: number): Float32Array {
  const count = features.length / from;
  const rows = new Float32Array(count * width);
  for (let row = 0; row < count; row++) {
    const target = rows.subarray(row * width, (row + 1) * width);
    for (let i = 0; i < from; i++) {
      const value = features[row * from + i]!;
      if (value === 0) continue;
      const line = projection.subarray(i * width, (i + 1) * width);
      for (let j = 0; j < width; j++) target[j]! += value * line[j]!;
    }
    let squares = 0;
    for (const value of target) squares += value * value;
    const scale = 1 / Math.max(Math.sqrt(squares), 1e-12);
    for (let j = 0; j < width; j++) target[j]! *= scale;
  }
  return rows;
}

/** int32 id, then float32 × width, per image; little-endian, as the machines this runs on are. */
function packed(ids: readonly number[], rows: Float32Array, width: number): Uint8Array {
  const bytes = new Uint8Array(ids.length * (4 + 4 * width));
  const data = new DataView(bytes.buffer);
  ids.forEach((id, row) => {
    const at = row * (4 + 4 * width);
    data.setInt32(at, id, true);
    bytes.set(new Uint8Array(rows.buffer, row * width * 4, width * 4), at + 4);
  });
  return bytes;
}
