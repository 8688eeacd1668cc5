import type { ElementType } from './element-types.ts';
import { malformed } from './malformed.ts';
import { isKind, type Value } from './pickle/values.ts';

/** What a persistent id of `torch.save` says: ('storage', its type, key, device, elements, and in legacy files a view). */
export interface StorageId {
  readonly key: string;
  readonly type: ElementType;
  /** Elements in it. */
  readonly length: number;
  /** A stretch of the storage that stands for one of its own, in elements (legacy files). */
  readonly view: { readonly offset: number; readonly length: number } | undefined;
}

export function storageId(id: readonly Value[], file: string): StorageId {
  const [tag, type, key, , length, view = null] = id;
  if (tag !== 'storage' || !isKind(type, 'known') || !type.elements || typeof key !== 'string' || !isCount(length)) {
    throw malformed(file, 'a storage is not described as PyTorch does');
  }
  if (view === null) return { key, type: type.elements, length, view: undefined };
  const [, offset, size] = isKind(view, 'tuple') ? view.items : [];
  if (!isCount(offset) || !isCount(size) || offset + size > length) {
    throw malformed(file, 'a part of a storage claims to be larger than the storage');
  }
  return { key, type: type.elements, length, view: { offset, length: size } };
}

const isCount = (value: Value | undefined): value is number =>
  typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
