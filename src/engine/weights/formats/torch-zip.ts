import { elementBytes } from './element-types.ts';
import { malformed } from './malformed.ts';
import { partsOf } from './state-dicts.ts';
import { storageId } from './torch-storage.ts';
import { maxPickleBytes, unpickle } from './pickle/unpickle.ts';
import type { Storage } from './pickle/values.ts';
import type { WeightsSource } from './source.ts';
import type { WeightsFile } from './weights-file.ts';
import type { Member } from './zip.ts';

/**
 * A checkpoint as `torch.save` writes it since PyTorch 1.6 (torch/serialization.py, `_save`): a zip with one pickle,
 * and the numbers of every storage as a file beside it.
 * @throws AppError `weights.format`, `weights.unsafe`
 */
export async function readTorchZip(file: WeightsFile, members: ReadonlyMap<string, Member>): Promise<WeightsSource> {
  const pickle = pickleOf(members)!;
  const folder = pickle.name.slice(0, -'data.pkl'.length);
  if (pickle.bytes > maxPickleBytes) throw malformed(file.name, 'its pickle is longer than that of a checkpoint');
  const order = members.get(`${folder}byteorder`);
  if (order && new TextDecoder().decode(await file.read(await order.place(), Math.min(order.bytes, 16))) !== 'little') {
    throw malformed(file.name, 'its numbers are written the other way round (big-endian)');
  }
  const storages = new Map<string, Storage>();
  const { value } = unpickle(await file.read(await pickle.place(), pickle.bytes), file.name, (id) => {
    const { key, type, length } = storageId(id, file.name);
    const member = members.get(`${folder}data/${key}`);
    if (member?.bytes !== length * elementBytes[type]) {
      throw malformed(file.name, member ? 'a storage is not as long as it claims' : 'a storage is missing');
    }
    const before = storages.get(key);
    if (before) {
      if (before.type !== type) throw malformed(file.name, 'a storage is of two types');
      return before;
    }
    const read: Storage['read'] = async (at, bytes) => file.read((await member.place()) + at, bytes);
    const storage: Storage = { kind: 'storage', type, length, read };
    storages.set(key, storage);
    return storage;
  });
  return { format: 'pytorch', parts: partsOf(value, file.name) };
}

/** The pickle of a checkpoint: `data.pkl`, in the one folder such a zip has. */
export const pickleOf = (members: ReadonlyMap<string, Member>): Member | undefined =>
  [...members.values()].find(({ name }) => /^(?:[^/]+\/)?data\.pkl$/.test(name));
