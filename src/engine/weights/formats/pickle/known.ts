import { AppError } from '../../../../contract/errors.ts';
import type { ElementType } from '../element-types.ts';
import { malformed, shown } from '../malformed.ts';
import { elementsOf } from '../source.ts';
import { isKind, type Dict, type Known, type Tensor, type Value } from './values.ts';

const storageTypes: Readonly<Record<string, ElementType>> = {
  DoubleStorage: 'F64',
  FloatStorage: 'F32',
  HalfStorage: 'F16',
  BFloat16Storage: 'BF16',
  LongStorage: 'I64',
  IntStorage: 'I32',
  ShortStorage: 'I16',
  CharStorage: 'I8',
  ByteStorage: 'U8',
  BoolStorage: 'BOOL',
};
const maxRank = 8;

/** Functions a checkpoint may call: each makes plain data of plain data. */
const functions: Readonly<Record<string, NonNullable<Known['call']>>> = {
  'collections.OrderedDict': orderedDict,
  'torch._utils._rebuild_tensor': rebuildTensor,
  'torch._utils._rebuild_tensor_v2': rebuildTensor,
  'torch._utils._rebuild_parameter': rebuildParameter,
  'torch._utils._rebuild_parameter_with_state': rebuildParameter,
  'torch.Size': ([sides], file) => expectKind(sides, 'tuple', file),
  // Of the device only that it is one: it says where tensors lay on another computer.
  'torch.device': () => null,
};

/** Names that stand for themselves. */
const constants = ['float64', 'float32', 'float16', 'bfloat16', 'int64', 'int32', 'int16', 'int8', 'uint8', 'bool'];

/** Everything a checkpoint may name. Weights need nothing else, and a pickle could name any function of Python. */
const known: ReadonlyMap<string, Known> = new Map(
  [
    ...Object.entries(functions).map(([name, call]): Known => ({ kind: 'known', name, call })),
    // A checkpoint written on a graphics chip names the storages of that chip.
    ...['torch', 'torch.cuda'].flatMap((module) =>
      Object.entries(storageTypes).map(([type, elements]): Known => ({
        kind: 'known',
        name: `${module}.${type}`,
        elements,
      })),
    ),
    ...constants.map((name): Known => ({ kind: 'known', name: `torch.${name}` })),
  ].map((entry) => [entry.name, entry]),
);

/** What a global name of a pickle stands for. @throws AppError `weights.unsafe` naming what is not allowed */
export function lookUp(module: string, name: string, file: string): Known {
  const wanted = `${module}.${name}`;
  const found = known.get(wanted);
  if (!found) throw new AppError('weights.unsafe', { file, wanted: shown(wanted) });
  return found;
}

function orderedDict(args: readonly Value[], file: string): Dict {
  const [pairs] = args;
  if (pairs === undefined) return { kind: 'dict', entries: new Map() };
  // Python 2 wrote the entries as one list.
  const entries = expectKind(pairs, 'list', file).items.map((pair): [Value, Value] => {
    const items = isKind(pair, 'list') || isKind(pair, 'tuple') ? pair.items : [];
    if (items.length !== 2) throw malformed(file, 'an OrderedDict is made of something else than pairs');
    return [items[0]!, items[1]!];
  });
  return { kind: 'dict', entries: new Map(entries) };
}

/** Whether gradients were wanted, and functions to call on them, are of no use here. */
function rebuildTensor([stored, start, size, stride]: readonly Value[], file: string): Tensor {
  const storage = expectKind(stored, 'storage', file);
  const shape = wholeNumbers(expectKind(size, 'tuple', file).items, file);
  const strides = wholeNumbers(expectKind(stride, 'tuple', file).items, file);
  const [offset] = wholeNumbers([start ?? null], file);
  if (shape.length !== strides.length || shape.length > maxRank)
    throw malformed(file, 'a tensor has no possible shape');
  const elements = elementsOf(shape);
  const end = elements === 0 ? 0 : shape.reduce((sum, side, axis) => sum + (side - 1) * strides[axis]!, offset! + 1);
  if (elements > storage.length || end > storage.length) {
    throw malformed(file, 'a tensor claims to be larger than the data it lies in');
  }
  return { kind: 'tensor', storage, offset: offset!, shape, strides };
}

function rebuildParameter([data]: readonly Value[], file: string): Tensor {
  return expectKind(data, 'tensor', file);
}

function expectKind<K extends 'list' | 'tuple' | 'storage' | 'tensor'>(
  value: Value | undefined,
  kind: K,
  file: string,
): Extract<Value, { kind: K }> {
  if (!isKind(value, kind)) throw malformed(file, `a ${kind} is missing where PyTorch writes one`);
  return value;
}

function wholeNumbers(values: readonly Value[], file: string): number[] {
  return values.map((value) => {
    if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 0) return value;
    throw malformed(file, 'a size, a stride or a place of a tensor is no count');
  });
}
