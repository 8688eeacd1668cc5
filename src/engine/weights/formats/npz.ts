import { elementBytes } from './element-types.ts';
import { malformed, shown } from './malformed.ts';
import { maxNpyHeader, parseNpyHeader } from './npy.ts';
import { elementsOf, rowMajor, stridedTensor, type StoredTensor, type WeightsSource } from './source.ts';
import type { WeightsFile } from './weights-file.ts';
import type { Member } from './zip.ts';

/**
 * Arrays as `numpy.savez` and `numpy.savez_compressed` write them: a zip with one file for each.
 * @throws AppError `weights.format`
 */
export async function readNpz(file: WeightsFile, members: ReadonlyMap<string, Member>): Promise<WeightsSource> {
  const tensors = new Map<string, StoredTensor>();
  for (const member of members.values()) {
    if (!member.name.endsWith('.npy')) throw malformed(file.name, `it holds ${shown(member.name)}, which is no array`);
    const name = member.name.slice(0, -'.npy'.length);
    tensors.set(name, await arrayOf(member, shown(name), file));
  }
  return { format: 'npz', parts: [{ name: '', tensors }] };
}

async function arrayOf(member: Member, name: string, file: WeightsFile): Promise<StoredTensor> {
  const { shape, type, fortran, bytes: start } = parseNpyHeader(await member.head(maxNpyHeader), name, file.name);
  const bytes = elementsOf(shape) * elementBytes[type];
  if (member.bytes !== start + bytes) throw malformed(file.name, `the array ${name} is not as long as its shape says`);
  const strides = fortran ? rowMajor([...shape].reverse()).reverse() : rowMajor(shape);
  // An array is all of its file, so the stretch that is asked for is all that follows the header.
  return stridedTensor({ shape, type, strides }, file.name, async () => (await member.whole()).slice(start));
}
