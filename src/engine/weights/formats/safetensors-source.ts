import { headerLength, parseHeader } from '../safetensors-header.ts';
import { rowMajor, stridedTensor, type StoredTensor, type WeightsSource } from './source.ts';
import type { WeightsFile } from './weights-file.ts';

/** A safetensors file of somebody else's. @throws AppError `weights.format` */
export async function readSafetensorsSource(file: WeightsFile): Promise<WeightsSource> {
  const length = headerLength(await file.read(0, Math.min(8, file.bytes)), file.bytes, file.name);
  const { entries } = parseHeader(await file.read(8, length), file.bytes - 8 - length, file.name);
  const tensors = new Map<string, StoredTensor>();
  let at = 8 + length;
  for (const { name, shape, dtype: type, bytes } of entries) {
    const start = at;
    tensors.set(
      name,
      stridedTensor({ shape, type, strides: rowMajor(shape) }, file.name, (wanted) => file.read(start, wanted)),
    );
    at += bytes;
  }
  return { format: 'safetensors', parts: [{ name: '', tensors }] };
}
