/** Numbers in 0..1 that follow from a seed alone (mulberry32, Tommy Ettinger 2017): a map drawn twice is the same. */
export function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** An order that scatters ids, the same for every list that holds them: any first part of it is a fair sample. */
export function scattered(ids: Int32Array): Int32Array {
  const keys = Float64Array.from(ids, (id) => (Math.imul(id, 0x9e3779b1) >>> 11) * 2 ** 31 + id);
  return Int32Array.from(keys.sort(), (key) => key % 2 ** 31);
}
