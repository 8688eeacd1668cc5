import { elementBytes } from './element-types.ts';
import { malformed } from './malformed.ts';
import { maxPickleBytes, unpickle } from './pickle/unpickle.ts';
import type { Resolve } from './pickle/machine.ts';
import { isKind, type Storage, type Value } from './pickle/values.ts';
import type { WeightsSource } from './source.ts';
import { partsOf } from './state-dicts.ts';
import { storageId, type StorageId } from './torch-storage.ts';
import type { WeightsFile } from './weights-file.ts';

const magic = 0x1950a86a20f9469cfc6cn;
const protocol = 1001;

/**
 * A checkpoint as `torch.save` wrote it before PyTorch 1.6 and still does when asked to (torch/serialization.py,
 * `_legacy_save`): five pickles one after the other, then every storage as its length and its numbers.
 * @throws AppError `weights.format`, `weights.unsafe`
 */
export async function readTorchLegacy(file: WeightsFile): Promise<WeightsSource> {
  const start = await file.read(0, Math.min(file.bytes, maxPickleBytes));
  const placed = new Map<string, number>();
  const ids = new Map<string, StorageId>();
  const resolve = (id: readonly Value[]): Storage => {
    const wanted = storageId(id, file.name);
    const { key, type, length, view } = wanted;
    if (length * elementBytes[type] > file.bytes) {
      throw malformed(file.name, 'a storage claims to be longer than the file');
    }
    const before = ids.get(key);
    if (before && (before.type !== type || before.length !== length)) {
      throw malformed(file.name, 'a storage is described in two ways');
    }
    ids.set(key, wanted);
    const skipped = (view?.offset ?? 0) * elementBytes[type];
    return {
      kind: 'storage',
      type,
      length: view?.length ?? length,
      read: async (at, bytes) => file.read(placeOf(key) + skipped + at, bytes),
    };
  };
  const placeOf = (key: string): number => {
    const place = placed.get(key);
    if (place === undefined) throw malformed(file.name, 'a storage is missing');
    return place;
  };
  let at = 0;
  const next = (storages: Resolve = noStorages(file.name)): Value => {
    const { value, end } = unpickle(start, file.name, storages, at);
    at = end;
    return value;
  };
  if (next() !== magic) throw malformed(file.name, 'it is a pickle, but none that torch.save writes');
  if (next() !== protocol) throw malformed(file.name, 'it is of another version of the format');
  assertLittleEndian(next(), file.name);
  const value = next(resolve);
  const keys = next();
  if (!isKind(keys, 'list')) throw malformed(file.name, 'the list of its storages is missing');
  for (const key of keys.items) {
    const id = typeof key === 'string' ? ids.get(key) : undefined;
    if (!id || placed.has(id.key)) throw malformed(file.name, 'the list of its storages is wrong');
    const length = new DataView((await file.read(at, 8)).buffer).getBigInt64(0, true);
    const bytes = id.length * elementBytes[id.type];
    if (length !== BigInt(id.length)) throw malformed(file.name, 'a storage is not as long as it claims');
    if (at + 8 + bytes > file.bytes) throw malformed(file.name, 'it ends too early');
    placed.set(id.key, at + 8);
    at += 8 + bytes;
  }
  return { format: 'pytorch-legacy', parts: partsOf(value, file.name) };
}

const noStorages = (file: string) => (): never => {
  throw malformed(file, 'a storage is named before the checkpoint');
};

function assertLittleEndian(system: Value, file: string): void {
  if (isKind(system, 'dict') && system.entries.get('little_endian') === true) return;
  throw malformed(file, 'its numbers are written the other way round (big-endian)');
}
