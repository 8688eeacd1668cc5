import { studentQuantile } from './student.ts';

/**
 * How far a mean over crossed factors can be off. The factors are what a repetition of the study would draw anew:
 * the label draw, the adaptation seed, and the check clusters (groups, or images where there are none).
 */
export interface Spread {
  /** Of the mean; never negative. */
  readonly variance: number;
  /** Of Student's t; 0 where some factor cannot be judged. */
  readonly degrees: number;
}
export type Interval = readonly [low: number, high: number];

/** Values of every combination of levels, row-major, last factor fastest. */
export interface Crossed {
  readonly values: Float64Array;
  readonly levels: readonly number[];
}

/**
 * Variance of the grand mean of fully crossed random factors, factor by factor, the one with the fewest levels first.
 * For a set A of factors,
 *   V_A = Σ (interaction of A)² / Π_{f∈A} L_f (L_f − 1)
 * (the unbiased divisors of the analysis of variance) estimates Σ over B ⊇ A of σ_B² / Π_{f∈B} L_f. A factor's part is
 * what it makes alone and together with factors that come later, by inclusion and exclusion over those before it:
 *   P_k = max(0, Σ_{S ⊆ before k} (−1)^{|S|} V_{S ∪ k}),
 * and Σ_k P_k counts every component once (two factors: V_draw + V_cluster − V_interaction, as Cameron, Gelbach &
 * Miller 2011, equation 2.11). What factors make together is so judged by the one that was repeated the least.
 *
 * Degrees of freedom: each factor's L − 1, counted by its part of the variance as Cochran and Cox (1950, section 4.14)
 * weigh quantiles: 1/ν = Σ_k P_k / (L_k − 1) / Σ_k P_k. That is the number of levels − 1 of a factor that makes all the
 * spread. Satterthwaite's number (1946) has P_k² for P_k and trusts a part of the variance that few draws told too far
 * (`node bench/intervals.ts`, docs/decisions/0004-degrees-of-freedom.md).
 *
 * A factor with one level is left out: it was not repeated, so nothing can be said about it.
 */
export function crossedSpread({ values, levels }: Crossed): Spread {
  const repeated = levels.flatMap((count, factor) => (count > 1 ? [factor] : []));
  if (repeated.length === 0) return { variance: 0, degrees: 0 };
  const subsets = Array.from({ length: 2 ** repeated.length }, (_, bits) => bits);
  const marginal = subsets.map((bits) => marginalMeans(values, levels, chosen(repeated, bits)));
  const parts = new Map(repeated.toSorted((a, b) => levels[a]! - levels[b]!).map((factor) => [factor, 0]));
  const latest = (factors: readonly number[]): number =>
    [...parts.keys()].findLast((factor) => factors.includes(factor))!;
  for (const bits of subsets.slice(1)) {
    const factors = chosen(repeated, bits);
    const component = interactionSquares(levels, repeated, bits, marginal) / divisor(levels, factors);
    const last = latest(factors);
    parts.set(last, parts.get(last)! + (factors.length % 2 === 1 ? component : -component));
  }
  let variance = 0;
  let uncertainty = 0;
  for (const [factor, found] of parts) {
    const part = Math.max(0, found);
    variance += part;
    uncertainty += part / (levels[factor]! - 1);
  }
  const fewest = Math.min(...repeated.map((factor) => levels[factor]! - 1));
  return { variance, degrees: uncertainty > 0 ? variance / uncertainty : fewest };
}

const chosen = (factors: readonly number[], bits: number): number[] => factors.filter((_, i) => (bits >> i) & 1);

const divisor = (levels: readonly number[], factors: readonly number[]): number =>
  factors.reduce((product, factor) => product * levels[factor]! * (levels[factor]! - 1), 1);

/** Place of a combination of levels among the combinations of the chosen factors. */
function placeOf(combination: number, levels: readonly number[], factors: readonly number[]): number {
  let place = 0;
  let rest = combination;
  let scale = 1;
  for (let factor = levels.length - 1; factor >= 0; factor--) {
    const level = rest % levels[factor]!;
    rest = (rest - level) / levels[factor]!;
    if (factors.includes(factor)) {
      place += level * scale;
      scale *= levels[factor]!;
    }
  }
  return place;
}

/** Means over all factors but the chosen ones. */
function marginalMeans(values: Float64Array, levels: readonly number[], factors: readonly number[]): Float64Array {
  const size = factors.reduce((product, factor) => product * levels[factor]!, 1);
  const means = new Float64Array(size);
  for (let i = 0; i < values.length; i++) means[placeOf(i, levels, factors)]! += values[i]!;
  return means.map((total) => (total * size) / values.length);
}

/** Sum of squared interactions of the factors in `bits`, one per combination of their levels. */
function interactionSquares(
  levels: readonly number[],
  repeated: readonly number[],
  bits: number,
  marginal: readonly Float64Array[],
): number {
  const factors = chosen(repeated, bits);
  const inner = factors.map((factor) => levels[factor]!);
  const within = Array.from({ length: bits + 1 }, (_, part) => part).filter((part) => (part & ~bits) === 0);
  const parts = within.map((part) => ({
    means: marginal[part]!,
    inside: chosen(repeated, part).map((factor) => factors.indexOf(factor)),
    sign: (factors.length - chosen(repeated, part).length) % 2 === 0 ? 1 : -1,
  }));
  let total = 0;
  for (let i = 0; i < marginal[bits]!.length; i++) {
    let interaction = 0;
    for (const { means, inside, sign } of parts) interaction += sign * means[placeOf(i, inner, inside)]!;
    total += interaction ** 2;
  }
  return total;
}

/**
 * Pseudo-values of the jackknife over clusters (Tukey 1958): C·θ − (C − 1)·θ without the cluster. Their mean estimates
 * the score and their spread over clusters its variance, for scores that are no plain mean (macro F1, AUC, ECE) too.
 */
export const pseudoValues = (whole: number, without: Float64Array): Float64Array =>
  without.map((value) => without.length * whole - (without.length - 1) * value);

/** A score, and the same without each cluster in turn. */
export interface LeftOut {
  readonly value: number;
  /** [clusters], or fewer blocks of clusters for scores that are dear to recompute. */
  readonly without: Float64Array;
}

/** A ratio of sums over clusters, such as the hits among all. */
export function ratioLeftOut(parts: Float64Array, sizes: Float64Array): LeftOut {
  const all = sizes.reduce((sum, size) => sum + size, 0);
  const total = parts.reduce((sum, part) => sum + part, 0);
  return { value: total / all, without: parts.map((part, k) => (total - part) / (all - sizes[k]!)) };
}

/** Student's interval about an estimate; `bounds` is what the score can be at all. */
export function studentInterval(mean: number, { variance, degrees }: Spread, bounds: Interval, level = 0.95): Interval {
  if (degrees < 1) return bounds;
  const half = studentQuantile((1 + level) / 2, degrees) * Math.sqrt(variance);
  return [Math.max(bounds[0], mean - half), Math.min(bounds[1], mean + half)];
}

/**
 * Score interval of one proportion (Wilson 1927) with as many effective images as give the observed variance,
 * p(1 − p) / V (Korn & Graubard 1998), and Student's quantile in place of the normal one.
 *
 * @param images number scored, the effective one where they are weighted; used where the share is 0 or 1 and no variance shows
 */
export function proportionInterval(share: number, spread: Spread, images: number, level = 0.95): Interval {
  if (spread.degrees < 1) return [0, 1];
  const quantile = studentQuantile((1 + level) / 2, spread.degrees);
  const binomial = share * (1 - share);
  const effective = spread.variance > 0 && binomial > 0 ? binomial / spread.variance : images;
  const squared = quantile ** 2;
  const centre = (share + squared / (2 * effective)) / (1 + squared / effective);
  const half =
    (quantile / (1 + squared / effective)) * Math.sqrt(binomial / effective + squared / (4 * effective ** 2));
  return [Math.max(0, centre - half), Math.min(1, centre + half)];
}

/** How much of a telling cluster stands for images that are wrong in all draws or in none; chosen by simulation. */
const untold = 0.1;

/**
 * Spread of a share that few clusters tell about. What repeated draws add is told by the clusters in which some answer
 * was unlike most; where they are few, the spread they show by chance can be far too small. A tenth of a cluster counts
 * beside them in which a draw more adds nothing, so that the share is as uncertain as one of `images` asked once; where
 * no cluster tells, it alone counts (`node bench/intervals.ts`, docs/decisions/0004-degrees-of-freedom.md).
 *
 * @param telling number of clusters with a wrong answer, or of those with a right one where they are fewer
 */
export function steadied(share: number, spread: Spread, images: number, telling: number): Spread {
  const once = (share * (1 - share)) / images;
  if (spread.variance >= once) return spread;
  return { ...spread, variance: (telling * spread.variance + untold * once) / (telling + untold) };
}

/**
 * Spread of the mean over repeated random splits of the same images: s² (1/J + n_test/n_train), J − 1 degrees
 * (Nadeau & Bengio 2003, section 3, equation 7). Plain s²/J would take the splits for independent.
 */
export function repeatedSplitSpread(scores: ArrayLike<number>, testImages: number, trainImages: number): Spread {
  const splits = scores.length;
  if (splits < 2) return { variance: 0, degrees: 0 };
  const mean = Array.from(scores).reduce((total, score) => total + score, 0) / splits;
  const squares = Array.from(scores).reduce((total, score) => total + (score - mean) ** 2, 0);
  return { variance: (squares / (splits - 1)) * (1 / splits + testImages / trainImages), degrees: splits - 1 };
}
