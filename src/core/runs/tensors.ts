import { readFile } from 'node:fs/promises';
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
}

/**
 * Reads `ids` (int32 [n]) and another tensor (float32 [n, width]).
 * @throws AppError `job.run-folder`
 */
export async function readRows(file: string, name: 'probabilities' | 'features'): Promise<Rows> {
  try {
    const bytes = await readFile(file);
    const length = Number(bytes.readBigUInt64LE(0));
    const { __metadata__: _, ...raw } = z
      .record(z.string(), z.unknown())
      .parse(JSON.parse(bytes.toString('utf8', 8, 8 + length)));
    const header = headerSchema.parse(raw);
    const data = (tensor: string, dtype: string): Buffer => {
      const entry = header[tensor];
      if (entry?.dtype !== dtype) throw new Error(`no tensor ${tensor}`);
      return bytes.subarray(8 + length + entry.data_offsets[0], 8 + length + entry.data_offsets[1]);
    };
    const ids = new Int32Array(Uint8Array.from(data('ids', 'I32')).buffer);
    const values = new Float32Array(Uint8Array.from(data(name, 'F32')).buffer);
    return { ids, values, width: header[name]!.shape[1] ?? 0 };
  } catch (cause) {
    throw new AppError('job.run-folder', { file: name, reason: 'does not hold what it should' }, { cause });
  }
}
