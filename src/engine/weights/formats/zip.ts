import { crc32 } from 'node:zlib';
import { fromFdPromise, type Entry, type ZipFile } from 'yauzl';
import { AppError } from '../../../contract/errors.ts';
import { malformed } from './malformed.ts';
import type { WeightsFile } from './weights-file.ts';

/** A file within a zip. Its name is only a name here: nothing is ever written by it. */
export interface Member {
  readonly name: string;
  /** Once inflated, as the zip says; a member that lies about it is refused when it is read. */
  readonly bytes: number;
  /** Bytes from its beginning, at least `bytes` of them unless it ends before. */
  head(bytes: number): Promise<Uint8Array<ArrayBuffer>>;
  /** All of it. Allocates `bytes`. */
  whole(): Promise<Uint8Array<ArrayBuffer>>;
  /** Where it lies in the file; only for what is stored as it is. */
  place(): Promise<number>;
}

/** Far above the tensors of any checkpoint with its optimizer. */
const maxMembers = 20_000;

/**
 * What is in a zip, by name. Nothing is inflated yet.
 * @throws AppError `weights.format` for what is no zip, names a place outside of it or a member twice
 */
export async function openZip(file: WeightsFile): Promise<ReadonlyMap<string, Member>> {
  // The file's own handle is used and stays open: whoever opened it closes it.
  const zip = await orMalformed(file, () => fromFdPromise(file.fd, { autoClose: false, strictFileNames: true }));
  if (zip.entryCount > maxMembers) throw malformed(file.name, 'it holds more files than a checkpoint does');
  return orMalformed(file, async () => {
    const members = new Map<string, Member>();
    for await (const entry of zip.eachEntry()) {
      if (members.has(entry.fileName)) throw malformed(file.name, 'two files in it have the same name');
      if (!entry.fileName.endsWith('/')) members.set(entry.fileName, memberOf(zip, entry, file));
    }
    return members;
  });
}

function memberOf(zip: ZipFile, entry: Entry, file: WeightsFile): Member {
  const { fileName: name, uncompressedSize: bytes, compressedSize, compressionMethod } = entry;
  if (compressedSize > file.bytes) throw malformed(file.name, 'a file in it claims to be longer than the whole');
  // Deflate makes at most 1032 bytes of one (zlib, "Technical details").
  if (bytes > 1032 * compressedSize + 1032) throw malformed(file.name, 'a file in it lies about its size');
  const read = async (length: number): Promise<Uint8Array<ArrayBuffer>> => {
    const buffer = new Uint8Array(length);
    let filled = 0;
    for await (const chunk of await zip.openReadStreamPromise(entry)) {
      const part = (chunk as Buffer).subarray(0, length - filled);
      buffer.set(part, filled);
      filled += part.byteLength;
      // What is read whole is read to the end of the stream, where a member that lies about its size is found out.
      if (filled === length && length < bytes) break;
    }
    if (filled < length) throw malformed(file.name, 'a file in it ends too early');
    return buffer;
  };
  return {
    name,
    bytes,
    head: (length) => orMalformed(file, () => read(Math.min(length, bytes))),
    async whole() {
      const all = await orMalformed(file, () => read(bytes));
      if (crc32(all) !== entry.crc32) throw malformed(file.name, 'a file in it was damaged on its way here');
      return all;
    },
    async place() {
      if (compressionMethod !== 0) throw malformed(file.name, 'its tensors are compressed, which PyTorch does not do');
      const { fileDataStart } = await orMalformed(file, () => zip.readLocalFileHeaderPromise(entry, { minimal: true }));
      if (fileDataStart + bytes > file.bytes) throw malformed(file.name, 'it ends too early');
      return fileDataStart;
    },
  };
}

/** What the reader of zips finds wrong, as an error of a weights file. */
async function orMalformed<T>(file: WeightsFile, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw error instanceof AppError ? error : malformed(file.name, 'it is a damaged or hostile zip', error);
  }
}
