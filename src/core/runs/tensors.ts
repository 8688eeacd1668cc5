import { open, readFile } from 'node:fs/promises';
import { z } from 'zod';
import { AppError } from '../../contract/errors.ts';

const headerSchema = z.record(
  z.string(),
  z.object({
    dtype: z.string(),
    shape: z.array(z.int().nonnegative()),
    data_offsets: z.tuple([z.int().nonnegative(), z.int().nonnegative()]),
  }),
);

/** Ids and the rows that belong to them, out of a safetensors file the engine wrote. */
export interface Rows {
  readonly ids: Int32Array;
  /** Row-major [ids, width]. */
  readonly values: Float32Array;
  readonly width: number;
  /** [ids], as multiples of the limit beyond which an image is unlike the training images; null where not told. */
  readonly distances: Float32Array | null;
}

/**
 * Reads `ids` (int32 [n]), `probabilities` (float32 [n, width]) and, where they are there, `distances` (float32 [n]).
 * @throws AppError `job.run-folder`
 */
export async function readRows(file: string): Promise<Rows> {
  try {
    const bytes = await readFile(file);
    const length = Number(bytes.readBigUInt64LE(0));
    const header = parseHeader(bytes.subarray(8, 8 + length));
    const data = (tensor: string, dtype: string): Buffer => {
      const entry = header[tensor];
      if (entry?.dtype !== dtype) throw new Error(`no tensor ${tensor}`);
      return bytes.subarray(8 + length + entry.data_offsets[0], 8 + length + entry.data_offsets[1]);
    };
    const ids = new Int32Array(Uint8Array.from(data('ids', 'I32')).buffer);
    const values = new Float32Array(Uint8Array.from(data('probabilities', 'F32')).buffer);
    const distances = header['distances'] ? new Float32Array(Uint8Array.from(data('distances', 'F32')).buffer) : null;
    return { ids, values, width: header['probabilities']!.shape[1] ?? 0, distances };
  } catch (cause) {
    throw new AppError('job.run-folder', { file: 'probabilities', reason: 'does not hold what it should' }, { cause });
  }
}

function parseHeader(json: Buffer): z.infer<typeof headerSchema> {
  const { __metadata__: _, ...raw } = z.record(z.string(), z.unknown()).parse(JSON.parse(json.toString('utf8')));
  return headerSchema.parse(raw);
}

/**
 * How many ids a file has. Only its header is read: features of a whole library take gigabytes.
 * @throws AppError `job.run-folder`
 */
export async function countRows(file: string): Promise<number> {
  const handle = await open(file, 'r');
  try {
    const start = Buffer.alloc(8);
    await handle.read(start, 0, 8, 0);
    const header = Buffer.alloc(Number(start.readBigUInt64LE(0)));
    await handle.read(header, 0, header.length, 8);
    const ids = parseHeader(header)['ids'];
    if (!ids) throw new Error('no tensor ids');
    return ids.shape[0] ?? 0;
  } catch (cause) {
    throw new AppError('job.run-folder', { file: 'features', reason: 'does not hold what it should' }, { cause });
  } finally {
    await handle.close();
  }
}
