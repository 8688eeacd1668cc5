import { crossedSpread, proportionInterval, pseudoValues } from './intervals.ts';
import { wilson } from './wilson.ts';

/** One answer that a share counts: about which image, of which draw, whether it is a hit, and what it stands for. */
export interface Counted {
  readonly image: number;
  /** Label draw whose model answered; the same for all where each image is asked once. */
  readonly draw: number;
  readonly hit: boolean;
  /** Group (patient, slide, plate), or the image itself where there are none. */
  readonly cluster: number;
  /** 1 where none is weighted. */
  readonly weight: number;
}

export interface Share {
  /** Different images that were asked about. */
  readonly images: number;
  /** Different images with a hit, and with a miss: an image of several draws may be among both. */
  readonly hits: number;
  readonly misses: number;
  /** Of the weights of all answers, 0..1. */
  readonly mean: number;
  /** 95 % range. */
  readonly ci: [number, number];
}

/**
 * A share of answers with its 95 % range: Wilson's where each image was asked once and stands for itself, else the
 * spread over clusters and draws (`crossedSpread` of what leaving out one of their cells changes) in the score form with
 * Student's quantile (`proportionInterval`). The range is never narrower than that of as many independent images as tell
 * the same, (ΣW)² / ΣW² with the W of an image (Kish 1965): groups and weights can only take information away, and
 * asking an image once more adds none.
 *
 * @returns null where there is no answer; the whole range 0..1 where all are of one cluster
 */
export function shareOf(answers: readonly Counted[]): Share | null {
  if (answers.length === 0) return null;
  const { cells, draws, clusters, placeOf } = crossed(answers);
  const hitsOf = new Float64Array(cells);
  const allOf = new Float64Array(cells);
  const perImage = new Map<number, number>();
  let [hits, all] = [0, 0];
  for (const answer of answers) {
    const { image, hit, weight } = answer;
    const cell = placeOf(answer);
    hitsOf[cell]! += hit ? weight : 0;
    allOf[cell]! += weight;
    hits += hit ? weight : 0;
    all += weight;
    perImage.set(image, (perImage.get(image) ?? 0) + weight);
  }
  const mean = Math.min(1, hits / all);
  const effective = all ** 2 / [...perImage.values()].reduce((sum, weight) => sum + weight ** 2, 0);
  const counts = { images: perImage.size, hits: different(answers, true), misses: different(answers, false), mean };
  if (clusters === answers.length && draws === 1) return { ...counts, ci: wilson(mean * effective, effective) };
  if (clusters === 1) return { ...counts, ci: [0, 1] };
  const without = hitsOf.map((cell, k) => (hits - cell) / (all - allOf[k]!));
  const spread = crossedSpread({ values: pseudoValues(mean, without), levels: [draws, clusters] });
  const variance = Math.max(spread.variance, (mean * (1 - mean)) / effective);
  return { ...counts, ci: [...proportionInterval(mean, { ...spread, variance }, effective)] };
}

const different = (answers: readonly Counted[], hits: boolean): number =>
  new Set(answers.flatMap(({ image, hit }) => (hit === hits ? [image] : []))).size;

/** Cells of draws × clusters, row-major, numbered as they are met. */
export function crossed(answers: readonly Pick<Counted, 'draw' | 'cluster'>[]): {
  readonly draws: number;
  readonly clusters: number;
  readonly cells: number;
  placeOf(answer: Pick<Counted, 'draw' | 'cluster'>): number;
} {
  const numbersOf = (values: readonly number[]): Map<number, number> =>
    new Map([...new Set(values)].map((value, number) => [value, number]));
  const draws = numbersOf(answers.map(({ draw }) => draw));
  const clusters = numbersOf(answers.map(({ cluster }) => cluster));
  return {
    draws: draws.size,
    clusters: clusters.size,
    cells: draws.size * clusters.size,
    placeOf: ({ draw, cluster }) => draws.get(draw)! * clusters.size + clusters.get(cluster)!,
  };
}
