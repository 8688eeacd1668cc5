import { malformed } from '../malformed.ts';
import { PickleBytes } from './bytes.ts';
import { Machine, type Resolve } from './machine.ts';
import { isKind, type Value } from './values.ts';

/** The longest pickle that is read, in bytes. Tensors lie outside of it, so that of a real checkpoint is far shorter. */
export const maxPickleBytes = 2 ** 25;
/** Dicts within dicts; a checkpoint has a handful. */
const maxDepth = 64;

/**
 * Reads one pickle (Python's pickletools.py) as data. Nothing of it is run: what it may name is on a list, and what it
 * may hold is data and tensors. Takes time and memory in proportion to its length, whatever it holds.
 *
 * @param resolve what a persistent id stands for: PyTorch's storages
 * @returns the value, and where the pickle ends
 * @throws AppError `weights.unsafe` naming what is not allowed, `weights.format`
 */
export function unpickle(bytes: Uint8Array, file: string, resolve: Resolve, at = 0): { value: Value; end: number } {
  const source = new PickleBytes(bytes, file, at);
  const value = new Machine(source, resolve, file).run();
  refuseCycles(value, file);
  return { value, end: source.at };
}

/** Depth first and without recursion: what comes from a file may be nested as deep as it is long. */
function refuseCycles(root: Value, file: string): void {
  const open = new Set<Value>();
  const done = new Set<Value>();
  const path: { readonly value: Value; readonly inner: readonly Value[]; next: number }[] = [];
  const enter = (value: Value): void => {
    const inner = innerOf(value);
    if (inner === undefined || done.has(value)) return;
    if (open.has(value)) throw malformed(file, 'its pickle is damaged or hostile: a value holds itself');
    if (path.length >= maxDepth) throw malformed(file, 'its pickle is nested deeper than a checkpoint is');
    open.add(value);
    path.push({ value, inner, next: 0 });
  };
  enter(root);
  for (let last = path.at(-1); last; last = path.at(-1)) {
    const { value, inner } = last;
    if (last.next < inner.length) {
      enter(inner[last.next++]!);
      continue;
    }
    path.pop();
    open.delete(value);
    done.add(value);
  }
}

function innerOf(value: Value): readonly Value[] | undefined {
  if (isKind(value, 'list') || isKind(value, 'tuple')) return value.items;
  return isKind(value, 'dict') ? [...value.entries].flat() : undefined;
}
