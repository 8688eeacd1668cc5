import { createHash } from 'node:crypto';
import { open, stat, type FileHandle } from 'node:fs/promises';
import { basename } from 'node:path';
import { AppError } from '../../../contract/errors.ts';
import { malformed } from './malformed.ts';

/** A file somebody brought, open for reading. Nothing in it is believed. */
export interface WeightsFile {
  /** Without its folder, as errors name it. */
  readonly name: string;
  readonly bytes: number;
  readonly fd: number;
  /** @throws AppError `weights.format` where the file ends before; nothing is allocated then */
  read(at: number, bytes: number): Promise<Uint8Array<ArrayBuffer>>;
  /** Of the whole file, hex. */
  sha256(): Promise<string>;
}

const pieceBytes = 2 ** 22;

/**
 * Opens a file for `work` and closes it.
 * @throws AppError `weights.not-found`, `weights.format`; the reason of the signal when aborted
 */
export async function withWeightsFile<T>(
  path: string,
  signal: AbortSignal | undefined,
  work: (file: WeightsFile) => Promise<T>,
): Promise<T> {
  const name = basename(path);
  const handle = await openForReading(path, name);
  try {
    const bytes = (await handle.stat()).size;
    const read = async (at: number, length: number): Promise<Uint8Array<ArrayBuffer>> => {
      signal?.throwIfAborted();
      if (length > bytes - at) throw malformed(name, 'it ends too early');
      const buffer = new Uint8Array(length);
      await fill(handle, buffer, name, at);
      return buffer;
    };
    const sha256 = async (): Promise<string> => {
      const hash = createHash('sha256');
      for (let at = 0; at < bytes; at += pieceBytes) hash.update(await read(at, Math.min(pieceBytes, bytes - at)));
      return hash.digest('hex');
    };
    return await work({ name, bytes, fd: handle.fd, read, sha256 });
  } finally {
    await handle.close();
  }
}

/** @param name as errors name the file */
export async function openForReading(path: string, name: string): Promise<FileHandle> {
  try {
    // Looked at before it is opened: opening a pipe would wait for its other end.
    if ((await stat(path)).isFile()) return await open(path, 'r');
  } catch (error) {
    if (codeOf(error) === 'ENOENT') throw new AppError('weights.not-found', { file: path }, { cause: error });
    throw malformed(name, 'it cannot be opened', error);
  }
  throw malformed(name, 'it is not a file');
}

/** Fills the buffer from a place in the file; without one, from where the last read ended. */
export async function fill(
  handle: FileHandle,
  buffer: Uint8Array,
  name: string,
  at: number | null = null,
): Promise<void> {
  for (let done = 0; done < buffer.byteLength;) {
    const { bytesRead } = await handle.read(
      buffer,
      done,
      Math.min(buffer.byteLength - done, 2 ** 30),
      at === null ? null : at + done,
    );
    if (bytesRead === 0) throw malformed(name, 'it ends too early');
    done += bytesRead;
  }
}

const codeOf = (error: unknown): string | undefined =>
  error instanceof Error && 'code' in error ? String(error.code) : undefined;
