import {
  crossedSpread,
  proportionInterval,
  pseudoValues,
  steadied,
  studentInterval,
  type Interval,
} from '../src/statistics/intervals.ts';
import { studentQuantile } from '../src/statistics/student.ts';

/** A small fast generator (sfc32, Doty-Humphrey 2010): hundreds of millions of numbers are drawn here. */
interface Random {
  below(n: number): number;
  normal(n: number): Float64Array;
}
function randomOf(seed: number, stream: number): Random {
  let [a, b, c, d] = [seed | 0, stream | 0, 0x9e3779b9 | 0, 1];
  const word = (): number => {
    const t = (((a + b) | 0) + d) | 0;
    d = (d + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = ((c << 21) | (c >>> 11)) + t;
    c |= 0;
    return t >>> 0;
  };
  for (let i = 0; i < 15; i++) word();
  return {
    below: (n) => Math.floor((word() / 2 ** 32) * n),
    normal: (n) => {
      const values = new Float64Array(n);
      for (let i = 0; i < n; i += 2) {
        const radius = Math.sqrt(-2 * Math.log((word() + 1) / 2 ** 32));
        const angle = (2 * Math.PI * word()) / 2 ** 32;
        values[i] = radius * Math.cos(angle);
        if (i + 1 < n) values[i + 1] = radius * Math.sin(angle);
      }
      return values;
    },
  };
}
const streams = { study: 1, bootstrap: 2 } as const;

/** One cell of the simulation: what is known to be true, and how much of it is seen. */
export interface Cell {
  readonly accuracy: number;
  readonly images: number;
  /** 0: no groups, every image stands for itself. */
  readonly groups: number;
  readonly draws: number;
  readonly seeds?: number;
  /** True gain of the second arm. */
  readonly gain: number;
}

/** Shares of the variance of what makes an image easy in one repetition; together 1. Groups as issue data: ICC 0.1. */
const shares = { group: 0.1, image: 0.5, draw: 0.02, seed: 0.01 };
const pairedCorrelation = 0.6;

/**
 * Which images each arm names correctly: [arm][draw·seed][image]. An image is named correctly where a standard normal,
 * summed from group, image, draw, seed and residual parts that the arms share with correlation 0.6, is below the
 * quantile of the true accuracy; so each arm's expected accuracy is exact.
 */
export function simulate(cell: Cell, random: Random): { arms: Uint8Array[][]; clusters: Int32Array } {
  const { images, groups, draws, seeds = 1 } = cell;
  const shared = parts(cell, random);
  const arms = [cell.accuracy, cell.accuracy + cell.gain].map((accuracy) => {
    const own = parts(cell, random);
    const threshold = studentQuantile(accuracy, 1e8);
    return Array.from({ length: draws * seeds }, (_, row) =>
      Uint8Array.from({ length: images }, (__, image) => {
        const sum =
          Math.sqrt(pairedCorrelation) * shared(row, image) + Math.sqrt(1 - pairedCorrelation) * own(row, image);
        return sum < threshold ? 1 : 0;
      }),
    );
  });
  return { arms, clusters: Int32Array.from({ length: images }, (_, i) => (groups === 0 ? i : i % groups)) };
}

function parts({ images, groups, draws, seeds = 1 }: Cell, random: Random): (row: number, image: number) => number {
  const byGroup = random.normal(Math.max(1, groups));
  const byImage = random.normal(images);
  const byDraw = random.normal(draws);
  const bySeed = random.normal(seeds);
  const rest = random.normal(draws * seeds * images);
  const ofGroup = groups === 0 ? 0 : shares.group;
  const ofSeed = seeds === 1 ? 0 : shares.seed;
  const residual = 1 - ofGroup - shares.image - shares.draw - ofSeed;
  return (row, image) =>
    Math.sqrt(ofGroup) * byGroup[image % Math.max(1, groups)]! +
    Math.sqrt(shares.image) * byImage[image]! +
    Math.sqrt(shares.draw) * byDraw[Math.floor(row / seeds)]! +
    Math.sqrt(ofSeed) * bySeed[row % seeds]! +
    Math.sqrt(residual) * rest[row * images + image]!;
}

/** Pseudo-values of a mean per row × cluster. */
function crossed(rows: readonly ArrayLike<number>[], clusters: Int32Array, levels: readonly number[]): Float64Array {
  const count = Math.max(...clusters) + 1;
  const sizes = new Float64Array(count);
  clusters.forEach((cluster) => (sizes[cluster]! += 1));
  const values = new Float64Array(rows.length * count);
  if (levels.length === 0) throw new Error('no factors');
  rows.forEach((row, r) => {
    const sums = new Float64Array(count);
    let total = 0;
    clusters.forEach((cluster, image) => {
      sums[cluster]! += row[image]!;
      total += row[image]!;
    });
    const without = sums.map((value, cluster) => (total - value) / (clusters.length - sizes[cluster]!));
    values.set(pseudoValues(total / clusters.length, without), r * count);
  });
  return values;
}

/** Clusters with a wrong answer, or those with a right one where they are fewer. */
function telling(rows: readonly Uint8Array[], clusters: Int32Array): number {
  const having = (answer: number): number =>
    new Set(rows.flatMap((row) => [...clusters].filter((_, image) => row[image] === answer))).size;
  return Math.min(having(0), having(1));
}

export interface Repeat {
  readonly gain: number;
  readonly difference: Interval;
  readonly arm: Interval;
  readonly bootstrap: Interval;
}

/** One study: simulate, and compute the intervals as the product does, and a percentile bootstrap over images. */
export function study(cell: Cell, seed: number): Repeat {
  const { arms, clusters } = simulate(cell, randomOf(seed, streams.study));
  const levels = [cell.draws, cell.seeds ?? 1, Math.max(...clusters) + 1];
  const [plain, adapted] = arms as [Uint8Array[], Uint8Array[]];
  const differences = plain.map((row, r) => Float64Array.from(row, (value, image) => adapted[r]![image]! - value));
  const gain = mean(differences.map((row) => mean(row)));
  const share = mean(plain.map((row) => mean(row)));
  return {
    gain,
    difference: studentInterval(
      gain,
      crossedSpread({ values: crossed(differences, clusters, levels), levels }),
      [-1, 1],
    ),
    arm: proportionInterval(
      share,
      steadied(
        share,
        crossedSpread({ values: crossed(plain, clusters, levels), levels }),
        cell.images,
        telling(plain, clusters),
      ),
      cell.images,
    ),
    bootstrap: percentileBootstrap(differences, randomOf(seed, streams.bootstrap)),
  };
}

/** What the product does not do: resample images, as if each stood for itself, and take percentiles. */
function percentileBootstrap(differences: readonly Float64Array[], random: Random): Interval {
  const images = differences[0]!.length;
  const perImage = Float64Array.from({ length: images }, (_, i) => mean(differences.map((row) => row[i]!)));
  const means = Float64Array.from({ length: 400 }, () => {
    let total = 0;
    for (let i = 0; i < images; i++) total += perImage[random.below(images)]!;
    return total / images;
  }).sort();
  return [means[9]!, means[389]!];
}

const mean = (values: ArrayLike<number>): number => {
  let total = 0;
  for (let i = 0; i < values.length; i++) total += values[i]!;
  return total / values.length;
};

export interface Coverage {
  readonly difference: number;
  readonly arm: number;
  /** Share of repeats whose interval lies above 0. */
  readonly helped: number;
  readonly bootstrap: number;
  readonly halfWidth: number;
}

export function coverage(cell: Cell, repeats: number): Coverage {
  const studies = Array.from({ length: repeats }, (_, r) => study(cell, r + 1));
  const holds = ([low, high]: Interval, truth: number): number => (low <= truth && truth <= high ? 1 : 0);
  return {
    difference: mean(studies.map(({ difference }) => holds(difference, cell.gain))),
    arm: mean(studies.map(({ arm }) => holds(arm, cell.accuracy))),
    helped: mean(studies.map(({ difference }) => (difference[0] > 0 ? 1 : 0))),
    bootstrap: mean(studies.map(({ bootstrap }) => holds(bootstrap, cell.gain))),
    halfWidth: mean(studies.map(({ difference }) => (difference[1] - difference[0]) / 2)),
  };
}

/**
 * What is asked of a cell. The user is told of the rough ones that their range is rough; where hardly an image is wrong
 * their number jumps, and a range that holds in more cases is no fault.
 */
const asked = { covers: [0.93, 0.98], rough: [0.9, 1], helped: 0.035 } as const;

const isRough = ({ accuracy, images, groups }: Cell): boolean => groups === 8 || (images === 30 && accuracy === 0.97);

/** Which of what is asked a cell misses; `wide` is to be safe, not wrong. */
export function missed(cell: Cell, { difference, arm, helped }: Omit<Coverage, 'bootstrap'>): string[] {
  const [least, most] = isRough(cell) ? asked.rough : asked.covers;
  return [
    ...(difference < least ? ['covers'] : []),
    ...(arm < least ? ['one-arm'] : []),
    ...(helped > asked.helped ? ['helped'] : []),
    ...(difference > most ? ['wide'] : []),
    ...(arm > most ? ['one-arm wide'] : []),
  ];
}
