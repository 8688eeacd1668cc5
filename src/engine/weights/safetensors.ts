/// <reference lib="es2025.float16" />
import { createHash, type Hash } from 'node:crypto';
import { open, stat, type FileHandle } from 'node:fs/promises';
import { AppError } from '../../contract/errors.ts';
import { throwDiskFull, writeWhole } from '../../files/whole.ts';
import type { DType, HostTensor, HostTree } from '../nn/types.ts';
import {
  elementBytes,
  encodeHeader,
  headerLength,
  malformed,
  parseHeader,
  type ElementType,
  type TensorEntry,
} from './safetensors-header.ts';

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
 * Reads a safetensors file (https://huggingface.co/docs/safetensors). Half precision (F16, BF16) becomes float32;
 * 64-bit integers (the counters `num_batches_tracked`) are passed over.
 * Never allocates more than the file is long, twice over for half precision.
 *
 * @throws AppError `weights.not-found`, `weights.format`
 */
export async function readSafetensors(path: string): Promise<SafetensorsFile> {
  const handle = await openForReading(path);
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
      if (entry.dtype !== 'I64') tensors[entry.name] = decode(entry, bytes.buffer);
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
 * @returns sha256 of the file, hex
 * @throws AppError `disk.full`; the file at `path` is then what it was before
 */
export async function writeSafetensors(
  path: string,
  tensors: Readonly<Record<string, HostTensor | StreamedTensor>>,
  metadata: Readonly<Record<string, string>> = {},
): Promise<string> {
  const entries = Object.entries(tensors).map(([name, tensor]) => describe(name, tensor));
  entries.sort((a, b) => Number(a.dtype === 'BOOL') - Number(b.dtype === 'BOOL') || (a.name < b.name ? -1 : 1));
  const sortedMetadata = Object.fromEntries(Object.entries(metadata).sort(([a], [b]) => (a < b ? -1 : 1)));
  const header = encodeHeader({ entries, metadata: sortedMetadata });
  const hash = createHash('sha256');
  await writeWhole(path, hashed(header, entries, tensors, hash)).catch(throwDiskFull);
  return hash.digest('hex');
}

async function* hashed(
  header: Uint8Array,
  entries: readonly TensorEntry[],
  tensors: Readonly<Record<string, HostTensor | StreamedTensor>>,
  hash: Hash,
): AsyncIterable<Uint8Array> {
  hash.update(header);
  yield header;
  for (const { name, elements } of entries) {
    const tensor = tensors[name] as HostTensor | StreamedTensor;
    let values = 0;
    for await (const part of 'rows' in tensor ? tensor.rows : [tensor.data]) {
      const bytes = new Uint8Array(part.buffer, part.byteOffset, part.byteLength);
      hash.update(bytes);
      yield bytes;
      values += part.length;
    }
    if (values !== elements) throw new Error(`tensor ${name} holds ${values} values, not ${elements}`);
  }
}

function describe(name: string, { shape, dtype }: HostTensor | StreamedTensor): TensorEntry {
  const elements = shape.reduce((product, side) => product * side, 1);
  return { name, dtype: stored[dtype], shape, elements, bytes: elements * elementBytes[stored[dtype]] };
}

function decode({ dtype, shape }: TensorEntry, buffer: ArrayBuffer): HostTensor {
  switch (dtype) {
    case 'F32':
      return { shape, dtype: 'float32', data: new Float32Array(buffer) };
    case 'F16':
      return { shape, dtype: 'float32', data: new Float32Array(new Float16Array(buffer)) };
    case 'BF16': {
      // The upper half of a float32.
      const words = Uint32Array.from(new Uint16Array(buffer), (half) => half * 65536);
      return { shape, dtype: 'float32', data: new Float32Array(words.buffer) };
    }
    case 'I32':
      return { shape, dtype: 'int32', data: new Int32Array(buffer) };
    case 'BOOL':
      return { shape, dtype: 'bool', data: new Uint8Array(buffer) };
    case 'U8':
      return { shape, dtype: 'uint8', data: new Uint8Array(buffer) };
    case 'I64':
      throw new Error('64-bit integers are passed over');
  }
}

async function openForReading(path: string): Promise<FileHandle> {
  try {
    // Looked at before it is opened: opening a pipe would wait for its other end.
    if ((await stat(path)).isFile()) return await open(path, 'r');
  } catch (error) {
    if (codeOf(error) === 'ENOENT') throw new AppError('weights.not-found', { file: path }, { cause: error });
    throw malformed(path, 'it cannot be opened', error);
  }
  throw malformed(path, 'it is not a file');
}

async function fill(handle: FileHandle, buffer: Uint8Array, path: string): Promise<void> {
  for (let done = 0; done < buffer.byteLength;) {
    const { bytesRead } = await handle.read(buffer, done, Math.min(buffer.byteLength - done, 2 ** 30));
    if (bytesRead === 0) throw malformed(path, 'it ends too early');
    done += bytesRead;
  }
}

const codeOf = (error: unknown): string | undefined =>
  error instanceof Error && 'code' in error ? String(error.code) : undefined;
