import { randomBytes } from 'node:crypto';
import { open } from 'node:fs/promises';
import { AppError } from '../../contract/errors.ts';

/** What a page may fetch: files of the temporary folder, or what no file could be made of there. */
interface Offered {
  readonly from: string | Buffer;
  readonly name: string;
  readonly bytes: number;
}

const chunkBytes = 256 << 10;
const offered = new Map<string, Offered>();

export const newToken = (): string => randomBytes(24).toString('base64url');

export const offer = (token: string, file: Offered): void => void offered.set(token, file);

/** @throws AppError `export.gone` */
export async function readOffered(
  token: string,
  at: number,
): Promise<{ name: string; bytes: Uint8Array; total: number }> {
  const file = offered.get(token);
  if (!file) throw new AppError('export.gone');
  const { from, name, bytes: total } = file;
  if (typeof from !== 'string') return { name, bytes: from.subarray(at, at + chunkBytes), total };
  const handle = await open(from, 'r').catch(() => {
    throw new AppError('export.gone');
  });
  try {
    const bytes = Buffer.alloc(Math.max(0, Math.min(chunkBytes, total - at)));
    await handle.read(bytes, 0, bytes.length, at);
    return { name, bytes, total };
  } finally {
    await handle.close();
  }
}
