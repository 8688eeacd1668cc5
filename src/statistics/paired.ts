import { crossedSpread, pseudoValues, studentInterval } from './intervals.ts';

/** One image that two models were asked about. */
export interface PairedImage {
  /** Right in the second − right in the first, −1..1. */
  readonly difference: number;
  /** Group (patient, slide, plate), or the image itself where there are none. */
  readonly cluster: number;
  /** 1 where none is weighted. */
  readonly weight: number;
}

/**
 * Mean paired difference of two models on the same images, with a 95 % range over clusters (jackknife of the weighted
 * mean, Student's t). Whatever else made the two models, such as seeds, is not in the range.
 * @returns −1..1 where all images are of one cluster
 */
export function pairedDifference(images: readonly PairedImage[]): { mean: number; ci: [number, number] } {
  const sums = new Map<number, { total: number; weight: number }>();
  let [total, all] = [0, 0];
  for (const { difference, cluster, weight } of images) {
    const sum = sums.get(cluster) ?? { total: 0, weight: 0 };
    sums.set(cluster, { total: sum.total + weight * difference, weight: sum.weight + weight });
    total += weight * difference;
    all += weight;
  }
  const mean = total / all;
  const without = Float64Array.from(sums.values(), (sum) => (total - sum.total) / (all - sum.weight));
  const spread =
    sums.size < 2
      ? { variance: 0, degrees: 0 }
      : crossedSpread({ values: pseudoValues(mean, without), levels: [sums.size] });
  return { mean, ci: [...studentInterval(mean, spread, [-1, 1])] };
}
