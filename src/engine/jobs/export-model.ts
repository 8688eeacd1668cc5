import { createHash } from 'node:crypto';
import { rename, rm } from 'node:fs/promises';
import type { InputOf, OutputOf } from '../../rpc/types.ts';
import type { EngineCalls } from '../../contract/engine-calls.ts';
import { AppError } from '../../contract/errors.ts';
import { modelTolerance, type ModelMetadata } from '../../contract/model-file.ts';
import { writeWhole } from '../../files/whole.ts';
import { describedModel } from '../compile/onnx/encode.ts';
import { withPrefix } from '../nn/tree.ts';
import type { HostTree } from '../nn/types.ts';
import { appliedProgram, modelPrefix } from '../regimes/programs/applied.ts';
import { headTree } from '../regimes/probe.ts';
import { inFreshSession } from '../runtime/fresh-session.ts';
import { MOST_MODEL_BYTES, tooLarge } from '../runtime/model-file.ts';
import { standalone } from '../runtime/standalone.ts';
import { appliedTemperature } from './calibrate.ts';
import { turnsOf } from './embedder.ts';
import type { Job } from './job.ts';
import { createMeter } from './meter.ts';
import { deployedModels, openApplied } from './applied.ts';
import { predictParts } from './predict.ts';

type Wanted = Pick<InputOf<EngineCalls, 'job.export'>, 'arm' | 'images' | 'about' | 'out'>;

/**
 * Writes the applied model of an arm as one ONNX file that needs nothing of this program: records as the cache makes
 * them in, probabilities as `predict` gives them out. Then a new process opens the file and names `images`.
 * @throws AppError `job.not-trained`, `model.tooLarge`, `export.unwritable`; `model.unverified` where the two do not
 * agree to 1e-4: the file is deleted then
 */
export async function exportModel(job: Job, wanted: Wanted): Promise<OutputOf<EngineCalls, 'job.export'>> {
  const { images, out } = wanted;
  const meter = createMeter((progress) => job.context.progress(progress), 'export', images.length);
  // Under its name stands only what was tried; an older file of that name stays where this one fails.
  const untried = { ...wanted, out: `${out}.untried` };
  try {
    const written = await writeModelFile(job, untried);
    const found = await compare(job, untried, meter.advance);
    await rename(untried.out, out);
    return { ...written, ...found };
  } catch (error) {
    await rm(untried.out, { force: true });
    throw error;
  }
}

async function writeModelFile(job: Job, { arm, about, out }: Wanted) {
  const { run, backbone } = job;
  const { spec, manifest } = run;
  const models = await deployedModels(job, arm);
  const temperature = await appliedTemperature(job, arm);
  const classes = manifest.classes.map(({ name }) => name);
  const context = {
    backbone,
    recordSide: spec.recordSide,
    size: spec.size,
    turns: turnsOf(spec),
    models: models.length,
    classes: classes.length,
  };
  const state: HostTree = { temperature: { shape: [], dtype: 'float32', data: Float32Array.of(temperature) } };
  models.forEach(({ model, backbone: params }, i) =>
    Object.assign(state, withPrefix({ ...withPrefix(params, 'backbone.'), ...headTree(model.head) }, modelPrefix(i))),
  );
  const graph = await standalone((batch) => appliedProgram({ ...context, batch }), state);
  const metadata = (graphSha256: string): ModelMetadata => ({
    format: 'acclimate-model',
    version: 1,
    ...about,
    run: spec.runId,
    arm,
    classes,
    recordSide: spec.recordSide,
    size: spec.size,
    backbone: backbone.name,
    regime: models[0]!.model.regime,
    testTimeAugmentation: spec.testTimeAugmentation,
    models: models.length,
    temperature,
    graphSha256,
  });
  let told: ModelMetadata | undefined;
  const parts = describedModel(graph, (graphSha256) => {
    told = metadata(graphSha256);
    return Object.fromEntries(Object.entries(told).map(([name, value]) => [name, JSON.stringify(value)]));
  });
  const bytes = parts.reduce((sum, part) => sum + part.length, 0);
  if (bytes > MOST_MODEL_BYTES) throw tooLarge(bytes);
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  await writeWhole(out, inPieces(parts)).catch((cause: unknown) => {
    const reason = cause instanceof Error && 'code' in cause ? String(cause.code) : 'it failed';
    throw new AppError('export.unwritable', { out, reason }, { cause });
  });
  return { metadata: told!, bytes, sha256: hash.digest('hex') };
}

/** A graph has thousands of parts of a few bytes: they are written some at a time. */
function* inPieces(parts: readonly Uint8Array[]): Generator<Uint8Array> {
  let piece: Uint8Array[] = [];
  let size = 0;
  for (const part of parts) {
    piece.push(part);
    size += part.length;
    if (size < 2 ** 20) continue;
    yield Buffer.concat(piece);
    [piece, size] = [[], 0];
  }
  yield Buffer.concat(piece);
}

/** What the app says of the images, and what the file says of the same pixels. */
async function compare(job: Job, { arm, images, out }: Wanted, advance: (n: number) => void) {
  let compared = 0;
  let distance = 0;
  let first: number[] | undefined;
  const applied = await openApplied(job, arm);
  const unverified = (reason: string): AppError => new AppError('model.unverified', { reason });
  for await (const { part, values } of predictParts(job, applied, images, { advance })) {
    const { recordBytes } = job.records.cache;
    const count = part.images.length;
    if (count === 0) continue;
    first ??= [...values.subarray(0, values.length / count)];
    const pixels = part.pixels.slice(0, count * recordBytes);
    const { probabilities, problem } = await inFreshSession(out, pixels, job.context.signal);
    if (problem !== null) throw unverified(problem);
    if (probabilities.length !== values.length) throw unverified('it names another number of classes');
    // A value that is no number is at no distance.
    values.forEach((value, i) => {
      const apart = Math.abs(value - (probabilities[i] as number));
      if (!(apart <= modelTolerance)) throw unverified(`a probability is off by ${apart.toExponential(1)}`);
      distance = Math.max(distance, apart);
    });
    compared += count;
  }
  if (!first) throw unverified('no image could be read to try it on');
  return { images: compared, distance, first };
}
