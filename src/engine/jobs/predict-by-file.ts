import type { EngineCalls } from '../../contract/engine-calls.ts';
import type { CallContext, InputOf } from '../../rpc/types.ts';
import { readParts } from '../data/reader.ts';
import { RecordCache } from '../data/record-cache.ts';
import { Records } from '../data/records.ts';
import { openModelFile } from '../runtime/model-file.ts';
import { EMBED_BATCH } from './embedder.ts';
import { createMeter } from './meter.ts';
import { writePredicted, type Predicted, type PredictedPart } from './predict.ts';
import type { EngineServices } from './services.ts';

/**
 * Probabilities of any images by a model file, of this project or another; written as `predict` does.
 * @throws AppError `model.…`, `disk.full`
 */
export async function predictByFile(
  services: Pick<EngineServices, 'pool'>,
  { file, cacheFolder, images, out }: InputOf<EngineCalls, 'model.predict'>,
  context: CallContext,
): Promise<Predicted> {
  const model = await openModelFile(file);
  const { recordSide, classes } = model.metadata;
  const records = new Records(new RecordCache(cacheFolder, recordSide), services.pool());
  const meter = createMeter((progress) => context.progress(progress), 'predict', images.length);
  async function* parts(): AsyncGenerator<PredictedPart> {
    for await (const part of readParts(records, images, EMBED_BATCH)) {
      context.signal.throwIfAborted();
      const count = part.images.length;
      const pixels = part.pixels.subarray(0, count * records.cache.recordBytes);
      const values = count > 0 ? await model.run(pixels) : new Float32Array();
      meter.advance(count + part.failed.length);
      yield { part, values };
    }
  }
  try {
    return await writePredicted(parts(), images.length, classes.length, meter, out);
  } finally {
    await records.cache.close();
    await model.close();
  }
}
