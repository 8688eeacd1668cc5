import { createHash, type Hash } from 'node:crypto';
import { throwDiskFull, writeWhole } from '../../files/whole.ts';
import type { DType, HostTensor, HostTree } from '../nn/types.ts';
import { elementBytes, isFloat, toFloat32, type ElementType } from './formats/element-types.ts';
import { encodeHeader, headerLength, parseHeader, type TensorEntry } from './safetensors-header.ts';
import { fill, openForReading } from './formats/weights-file.ts';

export interface SafetensorsFile {
  readonly tensors: HostTree;
  readonly metadata: Readonly<Record<string, string>>;
  /** Of the whole file, hex. */
  readonly sha256: string;
}

/** A tensor written while it is being made: its rows come in order, and are never held all at once. */
export interface StreamedTensor {
  readonly shape: readonly number[];
  readonly dtype: 'float32';
  readonly rows: AsyncIterable<Float32Array>;
}

const stored: Record<DType, ElementType> = { float32: 'F32', int32: 'I32', bool: 'BOOL', uint8: 'U8' };

/**
 * Reads a safetensors file (https://huggingface.co/docs/safetensors). Half and double precision becomes float32;
 * whole numbers that no program here uses (such as the 64-bit counters `num_batches_tracked`) are passed over.
 * Never allocates more than the file is long, three times over for half precision.
 *
 * @throws AppError `weights.not-found`, `weights.format`
 */
export async function readSafetensors(path: string): Promise<SafetensorsFile> {
  const handle = await openForReading(path, path);
  try {
    const hash = createHash('sha256');
    const fileBytes = (await handle.stat()).size;
    const read = async (bytes: number): Promise<Uint8Array<ArrayBuffer>> => {
      const buffer = new Uint8Array(bytes);
      await fill(handle, buffer, path);
      hash.update(buffer);
      return buffer;
    };
    const prefix = await read(Math.min(8, fileBytes));
    const length = headerLength(prefix, fileBytes, path);
    const header = parseHeader(await read(length), fileBytes - 8 - length, path);
    const tensors: HostTree = {};
    for (const entry of header.entries) {
      const bytes = await read(entry.bytes);
      const tensor = decode(entry, bytes.buffer);
      if (tensor) tensors[entry.name] = tensor;
    }
    return { tensors, metadata: header.metadata, sha256: hash.digest('hex') };
  } finally {
    await handle.close();
  }
}

/**
 * Writes tensors and string metadata atomically: to a temporary file beside `path`, synced, then renamed.
 * The same tensors and metadata give the same bytes, whatever order they come in. Tensors are asked for their values in
 * the order of their names.
 *
 * @param hash is fed every byte of the file
 * @throws AppError `disk.full`; the file at `path` is then what it was before
 */
export async function writeSafetensors(
  path: string,
  tensors: Readonly<Record<string, HostTensor | StreamedTensor>>,
  metadata: Readonly<Record<string, string>> = {},
  hash?: Hash,
): Promise<void> {
  const entries = Object.entries(tensors).map(([name, tensor]) => describe(name, tensor));
  entries.sort((a, b) => Number(a.dtype === 'BOOL') - Number(b.dtype === 'BOOL') || (a.name < b.name ? -1 : 1));
  const sortedMetadata = Object.fromEntries(Object.entries(metadata).sort(([a], [b]) => (a < b ? -1 : 1)));
  const header = encodeHeader({ entries, metadata: sortedMetadata });
  const parts = partsOf(header, entries, tensors);
  await writeWhole(path, hash ? fedTo(hash, parts) : parts).catch(throwDiskFull);
}

/** As `writeSafetensors`. @returns sha256 of the file, hex */
export async function writeHashedSafetensors(
  path: string,
  tensors: HostTree,
  metadata: Readonly<Record<string, string>> = {},
): Promise<string> {
  const hash = createHash('sha256');
  await writeSafetensors(path, tensors, metadata, hash);
  return hash.digest('hex');
}

async function* partsOf(
  header: Uint8Array,
  entries: readonly TensorEntry[],
  tensors: Readonly<Record<string, HostTensor | StreamedTensor>>,
): AsyncIterable<Uint8Array> {
  yield header;
  for (const { name, elements } of entries) {
    const tensor = tensors[name] as HostTensor | StreamedTensor;
    let values = 0;
    for await (const part of 'rows' in tensor ? tensor.rows : [tensor.data]) {
      yield new Uint8Array(part.buffer, part.byteOffset, part.byteLength);
      values += part.length;
    }
    if (values !== elements) throw new Error(`tensor ${name} holds ${values} values, not ${elements}`);
  }
}

async function* fedTo(hash: Hash, parts: AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array> {
  for await (const part of parts) {
    hash.update(part);
    yield part;
  }
}

function describe(name: string, { shape, dtype }: HostTensor | StreamedTensor): TensorEntry {
  const elements = shape.reduce((product, side) => product * side, 1);
  return { name, dtype: stored[dtype], shape, elements, bytes: elements * elementBytes[stored[dtype]] };
}

function decode({ dtype, shape }: TensorEntry, buffer: ArrayBuffer): HostTensor | undefined {
  if (isFloat(dtype)) return { shape, dtype: 'float32', data: toFloat32(dtype, buffer) };
  if (dtype === 'I32') return { shape, dtype: 'int32', data: new Int32Array(buffer) };
  if (dtype === 'BOOL') return { shape, dtype: 'bool', data: new Uint8Array(buffer) };
  if (dtype === 'U8') return { shape, dtype: 'uint8', data: new Uint8Array(buffer) };
  return undefined;
}
