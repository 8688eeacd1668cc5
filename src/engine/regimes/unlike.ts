import type { Generator } from '../data/random.ts';

/** At most this share of images like the training ones is called unlike them. */
export const usualShare = 0.05;
/** More references bring little (Sun et al. 2022 keep 1 % of theirs) and cost time with every image. */
const mostReferences = 1000;
/** Below this, distances of unit rows in float32 are rounding. */
const leastDistance = 1e-3;

/** Training images that others are measured by. */
export interface References {
  /** [images, width], each row of unit length */
  readonly rows: Float32Array;
  readonly width: number;
  /** Group of each. */
  readonly groups: readonly number[];
}

/**
 * References out of the features of training images; some of them, at random, where there are very many.
 * @param features [groups.length, width]
 */
export function referencesOf(
  features: Float32Array,
  groups: readonly number[],
  random: Pick<Generator, 'permutation'>,
): References {
  const width = groups.length > 0 ? features.length / groups.length : 0;
  const kept = [...random.permutation(groups.length).subarray(0, mostReferences)].sort((a, b) => a - b);
  const rows = new Float32Array(kept.length * width);
  kept.forEach((at, row) => rows.set(features.subarray(at * width, (at + 1) * width), row * width));
  return { rows: unitRows(rows, width), width, groups: kept.map((at) => groups[at] as number) };
}

/**
 * Distance of each row of features to the nearest reference, both brought to unit length: 0 to 2 (Sun, Ming, Zhu & Li
 * 2022, "Out-of-distribution detection with deep nearest neighbors", with k = 1, as there may be 5 labels per class).
 * @param features [n, width]
 */
export function nearestDistances({ rows, width }: References, features: Float32Array): Float64Array {
  return distancesTo(rows, unitRows(features.slice(), width), width, () => true);
}

/**
 * The distance beyond which an image is unlike the references. Each of them stands in for a new image: it is measured
 * by those of other groups alone. The limit is the value of rank ⌈(n + 1)(1 − share)⌉ among these, so that of images
 * like them no more than the share is expected above it (split conformal prediction, Vovk et al. 2005; with
 * leave-one-out values: Barber et al. 2021, "Predictive inference with the jackknife+").
 * @returns null with fewer references than that rank (19), or all of one group, or copies of one another; `expected` is
 *   the share above the limit
 */
export function limitOf({ rows, width, groups }: References): { limit: number; expected: number } | null {
  const held = distancesTo(rows, rows, width, (reference, row) => groups[reference] !== groups[row]).sort();
  const rank = Math.ceil((held.length + 1) * (1 - usualShare));
  const limit = held[rank - 1];
  if (limit === undefined || !Number.isFinite(limit) || limit < leastDistance) return null;
  return { limit, expected: (held.length + 1 - rank) / (held.length + 1) };
}

/** Of each unit row to the nearest reference that counts for it; infinity without one. */
function distancesTo(
  references: Float32Array,
  rows: Float32Array,
  width: number,
  counts: (reference: number, row: number) => boolean,
): Float64Array {
  const closest = new Float64Array(width > 0 ? rows.length / width : 0).fill(-Infinity);
  // A reference is read once for all rows.
  for (let reference = 0; reference * width < references.length; reference++) {
    for (let row = 0; row < closest.length; row++) {
      if (!counts(reference, row)) continue;
      const product = dot(references, reference * width, rows, row * width, width);
      if (product > (closest[row] as number)) closest[row] = product;
    }
  }
  return closest.map((product) => Math.sqrt(Math.max(0, 2 - 2 * product)));
}

/** In four sums that do not wait for each other. */
function dot(a: Float32Array, fromA: number, b: Float32Array, fromB: number, width: number): number {
  let s0 = 0;
  let s1 = 0;
  let s2 = 0;
  let s3 = 0;
  let j = 0;
  for (; j + 4 <= width; j += 4) {
    s0 += (a[fromA + j] as number) * (b[fromB + j] as number);
    s1 += (a[fromA + j + 1] as number) * (b[fromB + j + 1] as number);
    s2 += (a[fromA + j + 2] as number) * (b[fromB + j + 2] as number);
    s3 += (a[fromA + j + 3] as number) * (b[fromB + j + 3] as number);
  }
  for (; j < width; j++) s0 += (a[fromA + j] as number) * (b[fromB + j] as number);
  return s0 + s1 + s2 + s3;
}

/** Brings rows to unit length, in place. */
function unitRows(rows: Float32Array, width: number): Float32Array {
  for (let from = 0; from < rows.length; from += width) {
    let squares = 0;
    for (let j = from; j < from + width; j++) squares += (rows[j] as number) ** 2;
    const scale = squares > 0 ? 1 / Math.sqrt(squares) : 0;
    for (let j = from; j < from + width; j++) rows[j] = (rows[j] as number) * scale;
  }
  return rows;
}
