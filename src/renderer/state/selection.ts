/** Places of a view as sorted ranges, half open, that do not touch. */
export type Ranges = readonly (readonly [number, number])[];

export const none: Ranges = [];

export const sizeOf = (ranges: Ranges): number => ranges.reduce((sum, [from, to]) => sum + to - from, 0);

export const includes = (ranges: Ranges, at: number): boolean => ranges.some(([from, to]) => at >= from && at < to);

/** Places of either. */
export function union(a: Ranges, b: Ranges): Ranges {
  const sorted = [...a, ...b].filter(([from, to]) => to > from).sort((x, y) => x[0] - y[0]);
  const merged: [number, number][] = [];
  for (const [from, to] of sorted) {
    const last = merged.at(-1);
    if (last && from <= last[1]) last[1] = Math.max(last[1], to);
    else merged.push([from, to]);
  }
  return merged;
}

/** Places of the first that are not in the second. */
export function without(a: Ranges, b: Ranges): Ranges {
  let left: (readonly [number, number])[] = [...a];
  for (const [from, to] of b) {
    left = left.flatMap(([start, end]): (readonly [number, number])[] => {
      if (to <= start || from >= end) return [[start, end]];
      return (
        [
          [start, Math.min(from, end)],
          [Math.max(to, start), end],
        ] as const
      ).filter(([x, y]) => y > x);
    });
  }
  return left;
}

export const toggle = (ranges: Ranges, at: number): Ranges =>
  includes(ranges, at) ? without(ranges, [[at, at + 1]]) : union(ranges, [[at, at + 1]]);

/** From where it began to where it is now, both ends in. */
export const between = (a: number, b: number): Ranges => [[Math.min(a, b), Math.max(a, b) + 1]];

/** Places one by one, of at most `most`. */
export function* places(ranges: Ranges, most = Infinity): Generator<number> {
  let given = 0;
  for (const [from, to] of ranges) {
    for (let at = from; at < to; at++) {
      if (given++ >= most) return;
      yield at;
    }
  }
}

/** Sorted places as ranges. */
export const rangesOf = (sorted: readonly number[]): Ranges =>
  union(
    sorted.map((at): [number, number] => [at, at + 1]),
    [],
  );
