import { open } from 'node:fs/promises';
import type * as Ort from 'onnxruntime-node';
import { AppError } from '../../contract/errors.ts';
import { modelMetadataSchema, type ModelMetadata } from '../../contract/model-file.ts';
import { decodeModel, type FilePort } from '../compile/onnx/decode.ts';
import { elementTypes } from '../compile/onnx/encode.ts';
import { physicalCores } from './cores.ts';
import { explained } from './failures.ts';
import { sessionOptions } from './onnx-executor.ts';
import { loadRuntime } from './telemetry.ts';

/** What a protobuf message can hold, and Node reads at once. */
export const MOST_MODEL_BYTES = 2 ** 31 - 1;
const MEGABYTE = 2 ** 20;

export const tooLarge = (bytes: number): AppError =>
  new AppError('model.tooLarge', {
    megabytes: Math.ceil(bytes / MEGABYTE),
    most: Math.floor(MOST_MODEL_BYTES / MEGABYTE),
  });

/** A model that left the app, opened again. */
export interface ModelFile {
  readonly metadata: ModelMetadata;
  /**
   * @param pixels n records of `recordSide`² × 3 bytes, back to back
   * @returns probabilities [n, classes]
   * @throws AppError `model.unusable`, `memory.out`
   */
  run(pixels: Uint8Array): Promise<Float32Array>;
  close(): Promise<void>;
}

async function readWhole(path: string): Promise<Buffer> {
  const missing = (cause: unknown): never => {
    throw new AppError('model.missing', { file: path }, { cause });
  };
  const handle = await open(path, 'r').catch(missing);
  try {
    const found = await handle.stat();
    if (!found.isFile()) missing(null);
    if (found.size > MOST_MODEL_BYTES) throw tooLarge(found.size);
    return await handle.readFile();
  } finally {
    await handle.close();
  }
}

function metadataOf(texts: Readonly<Record<string, string>>): ModelMetadata {
  const wrong = (reason: string): never => {
    throw new AppError('model.metadata', { reason });
  };
  const given = Object.keys(modelMetadataSchema.shape).flatMap((name) => {
    const text = texts[name];
    if (text === undefined) return [];
    try {
      return [[name, JSON.parse(text) as unknown] as const];
    } catch {
      return wrong(`${name} is no JSON`);
    }
  });
  if (given.length === 0) throw new AppError('model.format', { reason: 'it says nothing of itself' });
  const parsed = modelMetadataSchema.safeParse(Object.fromEntries(given));
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  return wrong(`${issue?.path.join('.') || 'it'}: ${issue?.message ?? 'not allowed'}`);
}

const isPort = (ports: readonly FilePort[], name: string, type: number, axes: readonly (number | string)[]): boolean =>
  ports.length === 1 &&
  ports[0]?.name === name &&
  ports[0].type === type &&
  ports[0].axes.map((axis) => (typeof axis === 'string' ? 'n' : axis)).join() === axes.join();

/** A file's bytes and what it says of itself, checked before any runtime sees them. @throws AppError `model.…` */
export async function checkedModelFile(path: string): Promise<{ bytes: Buffer; metadata: ModelMetadata }> {
  const bytes = await readWhole(path);
  const { metadata: texts, graphSha256, inputs, outputs } = decodeModel(bytes);
  const metadata = metadataOf(texts);
  if (metadata.graphSha256 !== graphSha256) throw new AppError('model.damaged');
  const { recordSide: side, classes } = metadata;
  const { uint8, float32 } = elementTypes;
  if (
    !isPort(inputs, 'images', uint8, ['n', side, side, 3]) ||
    !isPort(outputs, 'probabilities', float32, ['n', classes.length])
  )
    throw new AppError('model.metadata', { reason: 'its input and output are others' });
  return { bytes, metadata };
}

/** @throws AppError `model.…` where it is not a model that Acclimate exported, whole and unchanged */
export async function openModelFile(path: string, threads = physicalCores()): Promise<ModelFile> {
  const { bytes, metadata } = await checkedModelFile(path);
  const ort = await loadRuntime();
  const options = sessionOptions({ provider: 'cpu', threads, lowering: {} });
  const session = await ort.InferenceSession.create(bytes, options).catch(unusable);
  const { recordSide: side, classes } = metadata;
  return {
    metadata,
    async run(pixels) {
      const images = pixels.byteLength / (side * side * 3);
      const feeds = { images: new ort.Tensor('uint8', pixels, [images, side, side, 3]) };
      const results = await session.run(feeds).catch(unusable);
      const { data, dims } = results['probabilities'] as Ort.Tensor;
      if (dims.join() !== [images, classes.length].join())
        throw new AppError('model.unusable', { reason: 'its answer has another size than it says' });
      return data as Float32Array;
    },
    close: () => session.release(),
  };
}

function unusable(cause: unknown): never {
  const error = explained(cause, 'cpu');
  if (error instanceof AppError) throw error;
  const reason = error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error);
  throw new AppError('model.unusable', { reason: reason.slice(0, 160) }, { cause });
}
