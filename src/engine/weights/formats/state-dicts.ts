import { elementBytes } from './element-types.ts';
import { malformed } from './malformed.ts';
import { isKind, type Dict, type Tensor, type Value } from './pickle/values.ts';
import { stridedTensor, type Part, type StoredTensor } from './source.ts';

/** How deep in a checkpoint a state dict is looked for, such as `state_dict` or `ema.model`. */
const maxDepth = 3;
/** A checkpoint has a handful, beside the moments of its optimizer. */
const maxParts = 2_000;

/** Every state dict in a checkpoint: a dict that gives tensors by their names. @param root what the pickle holds */
export function partsOf(root: Value, file: string): Part[] {
  const seen = new Set<Dict>();
  const found: Part[] = [];
  const look = (value: Value, path: readonly string[]): void => {
    if (!isKind(value, 'dict') || seen.has(value)) return;
    seen.add(value);
    const tensors = new Map<string, StoredTensor>();
    for (const [key, inner] of value.entries) {
      if (typeof key !== 'string') continue;
      if (isKind(inner, 'tensor')) tensors.set(key, storedTensor(inner, file));
      else if (path.length < maxDepth) look(inner, [...path, key]);
    }
    if (tensors.size > 0) found.push({ name: path.join('.'), tensors });
    if (found.length > maxParts) throw malformed(file, 'it holds more state dicts than a checkpoint does');
  };
  look(root, []);
  return found;
}

function storedTensor({ storage, offset, shape, strides }: Tensor, file: string): StoredTensor {
  const { type } = storage;
  return stridedTensor({ shape, type, strides }, file, (bytes) => storage.read(offset * elementBytes[type], bytes));
}
