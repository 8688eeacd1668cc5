import { malformed } from './malformed.ts';
import { readNpz } from './npz.ts';
import { readSafetensorsSource } from './safetensors-source.ts';
import type { WeightsSource } from './source.ts';
import { readTorchLegacy } from './torch-legacy.ts';
import { pickleOf, readTorchZip } from './torch-zip.ts';
import type { WeightsFile } from './weights-file.ts';
import { openZip } from './zip.ts';

/** Above every checkpoint of a backbone here, with its optimizer; a larger one is something else. */
const maxFileBytes = 8 * 2 ** 30;

/**
 * What a file of weights holds, by what it is and not by how it is called. Nothing in it is run, and no tensor is read
 * yet.
 * @throws AppError `weights.format`, `weights.unsafe`
 */
export async function openSource(file: WeightsFile): Promise<WeightsSource> {
  if (file.bytes > maxFileBytes) throw malformed(file.name, 'it is larger than the weights of any backbone here');
  const start = await file.read(0, Math.min(file.bytes, 512));
  if (startsWith(start, [0x50, 0x4b])) {
    const members = await openZip(file);
    return pickleOf(members) ? readTorchZip(file, members) : readNpz(file, members);
  }
  if (startsWith(start, [0x80]) && start[1]! >= 2 && start[1]! <= 5) return readTorchLegacy(file);
  if (Buffer.from(start.subarray(257, 262)).toString('latin1') === 'ustar') {
    throw malformed(file.name, 'it was written by a PyTorch older than 0.2, as a tar; save it anew with a later one');
  }
  return readSafetensorsSource(file);
}

const startsWith = (bytes: Uint8Array, magic: readonly number[]): boolean =>
  magic.every((byte, i) => bytes[i] === byte);
