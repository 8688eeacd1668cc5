import type { Names, Table } from './tables.ts';

/** Names as they are. */
export const plainNames: Names = { file: (name) => name, group: (name) => name };

/** Numbers in the place of names, in the order they come, and the key that tells which is which. */
export function numbered(): { names: Names; key(): Table } {
  const files = new Map<string, string>();
  const groups = new Map<string, string>();
  const numberIn = (known: Map<string, string>, word: string) => (name: string) => {
    const number = known.get(name) ?? `${word}-${String(known.size + 1).padStart(6, '0')}`;
    known.set(name, number);
    return number;
  };
  return {
    names: { file: numberIn(files, 'image'), group: numberIn(groups, 'group') },
    *key() {
      yield [['number', 'name']];
      yield [...files, ...groups].map(([name, number]) => [number, name]);
    },
  };
}
