import type { HostTree, TreeSpec } from './types.ts';

/** A flat tree of anything under dotted names: tensors in a graph, tensors on the host, their specifications. */
type Named<T> = Readonly<Record<string, T>>;

/** The same leaves, each name with `prefix` in front (the prefix ends in its own dot). */
export function withPrefix<T>(tree: Named<T>, prefix: string): Record<string, T> {
  return Object.fromEntries(Object.entries(tree).map(([name, leaf]) => [prefix + name, leaf]));
}

/** The leaves under `prefix`, without it. */
export function stripPrefix<T>(tree: Named<T>, prefix: string): Record<string, T> {
  const inside = Object.entries(tree).filter(([name]) => name.startsWith(prefix));
  return Object.fromEntries(inside.map(([name, leaf]) => [name.slice(prefix.length), leaf]));
}

/** The leaves whose name is wanted. */
export function select<T>(tree: Named<T>, wanted: (name: string) => boolean): Record<string, T> {
  return Object.fromEntries(Object.entries(tree).filter(([name]) => wanted(name)));
}

/** The leaf of that name. @throws where there is none: a program and its state disagree */
export function leaf<T>(tree: Named<T>, name: string): T {
  const found = tree[name];
  if (found === undefined) throw new Error(`no tensor is named ${name}`);
  return found;
}

/** Zeros of a specification's shapes. */
export function zeros(spec: TreeSpec): HostTree {
  return Object.fromEntries(
    Object.entries(spec).map(([name, entry]) => [
      name,
      { ...entry, data: new Float32Array(entry.shape.reduce((a, b) => a * b, 1)) },
    ]),
  );
}
