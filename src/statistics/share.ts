import { crossedSpread, proportionInterval, pseudoValues } from './intervals.ts';
import { wilson } from './wilson.ts';

/** One image of a share: whether it counts as a hit, and what it stands for. */
export interface Counted {
  readonly hit: boolean;
  /** Group (patient, slide, plate), or the image itself where there are none. */
  readonly cluster: number;
  /** 1 where none is weighted. */
  readonly weight: number;
}

export interface Share {
  readonly images: number;
  readonly hits: number;
  /** Of the weights, 0..1. */
  readonly mean: number;
  /** 95 % range. */
  readonly ci: [number, number];
}

/**
 * A share of images with its 95 % range: Wilson's where each image stands for itself, else the jackknife over clusters
 * for the variance of the (weighted) ratio in the score form with Student's quantile (`proportionInterval`). The range
 * is never narrower than that of as many independent images as tell the same, (Σw)² / Σw² (Kish 1965): groups and
 * weights can only take information away.
 *
 * @returns null where there is no image; the whole range 0..1 where all are of one cluster
 */
export function shareOf(images: readonly Counted[]): Share | null {
  if (images.length === 0) return null;
  const sums = new Map<number, { hits: number; all: number }>();
  let [hits, all, squares] = [0, 0, 0];
  for (const { hit, cluster, weight } of images) {
    const sum = sums.get(cluster) ?? { hits: 0, all: 0 };
    sums.set(cluster, { hits: sum.hits + (hit ? weight : 0), all: sum.all + weight });
    hits += hit ? weight : 0;
    all += weight;
    squares += weight ** 2;
  }
  const mean = Math.min(1, hits / all);
  const effective = all ** 2 / squares;
  const counts = { images: images.length, hits: images.filter(({ hit }) => hit).length, mean };
  if (sums.size === images.length) return { ...counts, ci: wilson(mean * effective, effective) };
  if (sums.size === 1) return { ...counts, ci: [0, 1] };
  const without = Float64Array.from(sums.values(), (sum) => (hits - sum.hits) / (all - sum.all));
  const spread = crossedSpread({ values: pseudoValues(mean, without), levels: [sums.size] });
  const variance = Math.max(spread.variance, (mean * (1 - mean)) / effective);
  return { ...counts, ci: [...proportionInterval(mean, { ...spread, variance }, effective)] };
}
