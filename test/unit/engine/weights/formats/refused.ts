import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { AppError, type ErrorCode } from '../../../../../src/contract/errors.ts';
import { openSource } from '../../../../../src/engine/weights/formats/open.ts';
import type { WeightsSource } from '../../../../../src/engine/weights/formats/source.ts';
import { withWeightsFile } from '../../../../../src/engine/weights/formats/weights-file.ts';

/** Opens a file made of `bytes` in `folder`, and does something with what it holds. */
export async function opened<T>(
  folder: string,
  bytes: Uint8Array,
  work: (source: WeightsSource) => Promise<T> | T,
): Promise<T> {
  const path = join(folder, 'brought.pth');
  await writeFile(path, bytes);
  return withWeightsFile(path, undefined, async (file) => work(await openSource(file)));
}

/** Reads every tensor in it. */
export async function readAll({ parts }: WeightsSource): Promise<Float32Array[]> {
  const read: Float32Array[] = [];
  for (const { tensors } of parts) for (const tensor of tensors.values()) read.push(await tensor.read());
  return read;
}

/** That a file is refused with a sentence, and that little was allocated for it. */
export async function refuses(
  folder: string,
  bytes: Uint8Array,
  reason: RegExp,
  code: ErrorCode = 'weights.format',
): Promise<void> {
  const before = process.memoryUsage().arrayBuffers;
  await assert.rejects(opened(folder, bytes, readAll), (error) => {
    assert.ok(error instanceof AppError, String(error));
    assert.equal(error.code, code, error.message);
    assert.match(error.message, reason);
    return true;
  });
  assert.ok(process.memoryUsage().arrayBuffers - before < 64e6, 'allocates no more than the file calls for');
}
