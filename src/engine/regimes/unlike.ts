import type { Generator } from '../data/random.ts';

/** At most this share of images like the training ones is called unlike them. */
export const usualShare = 0.05;
/** More references bring little (Sun et al. 2022 keep 1 % of theirs) and cost time with every image. */
const mostReferences = 2000;
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
  const units = unitRows(features.slice(), width);
  return Float64Array.from({ length: units.length / width }, (_, i) =>
    distanceTo(rows, width, units.subarray(i * width, (i + 1) * width), () => true),
  );
}

/**
 * The distance beyond which an image is unlike the references. Each of them stands in for a new image: it is measured
 * by those of other groups alone. The limit is the value of rank ⌈(n + 1)(1 − share)⌉ among these, so that of images
 * like them no more than the share is expected above it (split conformal prediction, Vovk et al. 2005; with
 * leave-one-out values: Barber et al. 2021, "Predictive inference with the jackknife+").
 * @returns null with fewer references than that rank (19), or all of one group, or copies of one another; `expected` is the share above the limit
 */
export function limitOf({ rows, width, groups }: References): { limit: number; expected: number } | null {
  const held = groups
    .map((group, i) =>
      distanceTo(rows, width, rows.subarray(i * width, (i + 1) * width), (other) => groups[other] !== group),
    )
    .sort((a, b) => a - b);
  const rank = Math.ceil((held.length + 1) * (1 - usualShare));
  const limit = held[rank - 1];
  if (limit === undefined || !Number.isFinite(limit) || limit < leastDistance) return null;
  return { limit, expected: (held.length + 1 - rank) / (held.length + 1) };
}

/** Infinity without a reference that counts. */
function distanceTo(
  rows: Float32Array,
  width: number,
  unit: Float32Array,
  counts: (reference: number) => boolean,
): number {
  let closest = -Infinity;
  for (let other = 0; other < rows.length / width; other++) {
    if (!counts(other)) continue;
    const from = other * width;
    let product = 0;
    for (let j = 0; j < width; j++) product += (rows[from + j] as number) * (unit[j] as number);
    closest = Math.max(closest, product);
  }
  return Math.sqrt(Math.max(0, 2 - 2 * closest));
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
