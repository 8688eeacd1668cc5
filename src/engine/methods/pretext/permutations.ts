import { generator, type Generator } from '../../data/random.ts';

const known = new Map<string, readonly Int32Array[]>();

/**
 * Orders of `length` things that are as different from each other as can be: beginning with a random one, always the
 * order whose smallest Hamming distance to those chosen is largest, of equals a random one
 * (Noroozi & Favaro 2016, algorithm 1, which looks at the mean distance).
 * The same for every run of the same seed. @param length at most 9
 */
export function distantPermutations(count: number, length: number, seed = 0): readonly Int32Array[] {
  const key = `${count} ${length} ${seed}`;
  const found = known.get(key);
  if (found) return found;
  const all = permutations(length, generator(seed, 'permutations'));
  const rows = all.length / length;
  if (count > rows) throw new RangeError(`there are only ${rows} orders of ${length}`);
  const row = (at: number): Uint8Array => all.subarray(at * length, (at + 1) * length);
  const chosen = [Int32Array.from(row(0))];
  // The smallest distance to the chosen ones compared so far: it can only fall, so most rows need not be looked at.
  const nearest = new Uint8Array(rows).fill(length + 1);
  const compared = new Uint16Array(rows);
  while (chosen.length < count) {
    let best = 0;
    let farthest = 0;
    for (let at = 0; at < rows; at++) {
      let near = nearest[at] as number;
      for (let next = compared[at] as number; near > farthest && next < chosen.length; next++) {
        const other = chosen[next] as Int32Array;
        let distance = 0;
        for (let i = 0; i < length; i++) if (all[at * length + i] !== other[i]) distance++;
        near = Math.min(near, distance);
        compared[at] = next + 1;
      }
      nearest[at] = near;
      if (near > farthest) [best, farthest] = [at, near];
    }
    chosen.push(Int32Array.from(row(best)));
  }
  known.set(key, chosen);
  return chosen;
}

/** Every order of 0..length−1, one after another, in a random order: the first of equals is then a random one. */
function permutations(length: number, random: Generator): Uint8Array {
  const rows = Array.from({ length }, (_, i) => i + 1).reduce((a, b) => a * b, 1);
  const place = random.permutation(rows);
  const all = new Uint8Array(rows * length);
  const order = Uint8Array.from({ length }, (_, i) => i);
  for (let row = 0; row < rows; row++) {
    all.set(order, (place[row] as number) * length);
    // The next one in the order of a dictionary.
    let rise = length - 2;
    while (rise >= 0 && (order[rise] as number) > (order[rise + 1] as number)) rise--;
    if (rise < 0) break;
    let other = length - 1;
    while ((order[other] as number) < (order[rise] as number)) other--;
    [order[rise], order[other]] = [order[other] as number, order[rise] as number];
    order.subarray(rise + 1).reverse();
  }
  return all;
}
