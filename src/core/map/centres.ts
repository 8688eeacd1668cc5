import { apart } from './near.ts';

const rounds = 8;

export interface Centred {
  /** [k, width] */
  readonly centres: Float32Array;
  /** Centre of each row. */
  readonly of: Int32Array;
}

/**
 * k-means (Lloyd 1982), begun from rows spread by a fixed step: rows come in a scattered order, and the same ones give
 * the same centres.
 * @param rows [n, width], `width` a multiple of four
 */
export function centresOf(rows: Float32Array, width: number, k: number): Centred {
  const count = rows.length / width;
  const wanted = Math.min(k, count);
  const centres = new Float32Array(wanted * width);
  for (let c = 0; c < wanted; c++) {
    const from = Math.floor((c * count) / wanted) * width;
    centres.set(rows.subarray(from, from + width), c * width);
  }
  const of = new Int32Array(count);
  for (let round = 0; round <= rounds; round++) {
    for (let row = 0; row < count; row++) of[row] = nearestCentre(centres, width, rows, row * width);
    if (round === rounds) break;
    const sums = new Float64Array(centres.length);
    const sizes = new Int32Array(wanted);
    of.forEach((c, row) => {
      sizes[c]! += 1;
      for (let i = 0; i < width; i++) sums[c * width + i]! += rows[row * width + i]!;
    });
    // A centre without rows stays where it was.
    sums.forEach((sum, at) => {
      const size = sizes[Math.floor(at / width)]!;
      if (size > 0) centres[at] = sum / size;
    });
  }
  return { centres, of };
}

export function nearestCentre(centres: Float32Array, width: number, rows: Float32Array, at: number): number {
  let best = Infinity;
  let found = 0;
  for (let c = 0; c * width < centres.length; c++) {
    const distance = apart(centres, c * width, rows, at, width);
    if (distance < best) [best, found] = [distance, c];
  }
  return found;
}
