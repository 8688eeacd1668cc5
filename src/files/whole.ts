import { chmod, copyFile, open, rename, rm, type FileHandle } from 'node:fs/promises';
import { dirname } from 'node:path';
import { AppError } from '../contract/errors.ts';

/**
 * Writes a file whole or not at all: beside its place, synced, then renamed. A machine that loses power has the old
 * file or the new one. Fails with the file system's own error; what was at `path` is then still there.
 */
export async function writeWhole(
  path: string,
  parts: Iterable<string | Uint8Array> | AsyncIterable<string | Uint8Array>,
): Promise<void> {
  await whole(path, async (temporary) => {
    const handle = await open(temporary, 'w', 0o600);
    try {
      for await (const part of parts) await writeAll(handle, typeof part === 'string' ? Buffer.from(part) : part);
      await handle.sync();
    } finally {
      await handle.close();
    }
  });
}

/** Copies a file, with the same promise as `writeWhole`. */
export async function copyWhole(from: string, to: string): Promise<void> {
  await whole(to, async (temporary) => {
    await copyFile(from, temporary);
    // A copy of a read-only file could not be synced everywhere, and what is kept is its owner's only.
    await chmod(temporary, 0o600);
    const handle = await open(temporary, 'r+');
    try {
      await handle.sync();
    } finally {
      await handle.close();
    }
  });
}

/** To `catch` what a write into the project fails with. @throws AppError `disk.full`, or the error itself */
export function throwDiskFull(error: unknown): never {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (code === 'ENOSPC' || code === 'EDQUOT') throw new AppError('disk.full', {}, { cause: error });
  throw error;
}

async function whole(path: string, write: (temporary: string) => Promise<void>): Promise<void> {
  const temporary = `${path}.tmp`;
  try {
    await write(temporary);
    await rename(temporary, path);
    await syncFolder(dirname(path));
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}

/** In pieces: one write of more than 2 GiB fails. */
async function writeAll(handle: FileHandle, bytes: Uint8Array): Promise<void> {
  for (let done = 0; done < bytes.byteLength;) {
    done += (await handle.write(bytes, done, Math.min(bytes.byteLength - done, 2 ** 30))).bytesWritten;
  }
}

/** Makes the rename itself durable; Windows cannot open a folder and does not need it. */
async function syncFolder(folder: string): Promise<void> {
  if (process.platform === 'win32') return;
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
