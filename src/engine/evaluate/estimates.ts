import { metricNames, type Estimate, type MetricName } from '../../contract/results.ts';
import type { ArmName } from '../../contract/run-files.ts';
import type { Cell, Cells } from './cells.ts';
import { meanOf } from '../../statistics/mean.ts';
import { effectiveImages } from './check-weights.ts';
import {
  crossedSpread,
  proportionInterval,
  pseudoValues,
  repeatedSplitSpread,
  steadied,
  studentInterval,
  type Interval,
  type Spread,
  type LeftOut,
} from '../../statistics/intervals.ts';
import { leaveOneOut } from './leave-one-out.ts';
import { topClass } from './metrics.ts';

export type Estimates = Record<MetricName, Estimate>;

export interface Comparison {
  readonly arms: Readonly<Record<ArmName, Estimates>>;
  /** Adapted − plain. */
  readonly difference: Estimates;
  /** Of the difference in accuracy. */
  readonly spread: Spread;
}

/** What a run's protocol says about its cells. */
export interface Design {
  readonly seeds: number;
  /** Draws whose mean is the score. */
  readonly scored: readonly number[];
  /** Draws that are shown one by one. */
  readonly shown: readonly number[];
  /** Test and training images per split where the check images are the splits' own (Nadeau–Bengio). */
  readonly splits: { readonly test: number; readonly train: number } | null;
}

const bounds: Record<MetricName, Interval> = {
  accuracy: [0, 1],
  balancedAccuracy: [0, 1],
  macroF1: [0, 1],
  auc: [0, 1],
  logLoss: [0, -Math.log(Number.EPSILON)],
  ece: [0, 1],
};

/** Scores of both arms and their paired difference, each with its 95 % interval. */
export function compare(cells: Cells, design: Design): Comparison {
  const scores = { plain: leftOut(cells.plain), adapted: leftOut(cells.adapted) };
  const { labels, weights } = cells.plain[0]!;
  const images = weights ? effectiveImages(weights) : labels.length;
  const arm = (name: ArmName): Estimates =>
    forEachMetric((metric) => {
      const values = scores[name].map((cell) => cell[metric]);
      const summary = summarize(cells[name], values, design);
      // A mean over splits is no proportion of one set of images.
      const ci =
        metric === 'accuracy' && !design.splits
          ? proportionInterval(summary.mean, spreadOfShare(summary, cells[name], design, images), images)
          : studentInterval(summary.mean, summary.spread, bounds[metric]);
      return { mean: summary.mean, ci: [...ci], perDraw: summary.perDraw };
    });
  const differences = (metric: MetricName): ReturnType<typeof summarize> =>
    summarize(
      cells.plain,
      scores.plain.map((cell, i) => minus(scores.adapted[i]![metric], cell[metric])),
      design,
    );
  const difference = forEachMetric((metric) => {
    const { mean, spread, perDraw } = differences(metric);
    const reach = bounds[metric][1];
    return { mean, ci: [...studentInterval(mean, spread, [-reach, reach])], perDraw };
  });
  return {
    arms: { plain: arm('plain'), adapted: arm('adapted') },
    difference,
    spread: differences('accuracy').spread,
  };
}

/**
 * Where few images tell, the spread they show by chance can be far too small. The range of a weighted share is never
 * narrower than that of as many equal images as tell the same; for others see `steadied`.
 * @param images as many equal ones as tell the same
 */
function spreadOfShare(
  { mean: share, spread }: { mean: number; spread: Spread },
  cells: readonly Cell[],
  { scored }: Design,
  images: number,
): Spread {
  if (cells[0]!.weights) return { ...spread, variance: Math.max(spread.variance, (share * (1 - share)) / images) };
  const clusters = { right: new Set<number>(), wrong: new Set<number>() };
  for (const cell of cells) {
    if (!scored.includes(cell.draw)) continue;
    cell.labels.forEach((label, i) =>
      clusters[topClass(cell, i) === label ? 'right' : 'wrong'].add(cell.clusters.of[i]!),
    );
  }
  return steadied(share, spread, images, Math.min(clusters.right.size, clusters.wrong.size));
}

const leftOut = (cells: readonly Cell[]): Record<MetricName, LeftOut>[] =>
  cells.map((cell) => leaveOneOut(cell, cell.clusters));

const minus = (a: LeftOut, b: LeftOut): LeftOut => ({
  value: a.value - b.value,
  without: a.without.map((value, i) => value - b.without[i]!),
});

function summarize(
  cells: readonly Cell[],
  scores: readonly LeftOut[],
  { seeds, scored, shown, splits }: Design,
): { mean: number; spread: Spread; perDraw: number[] } {
  const ofDraw = (draw: number): LeftOut[] => scores.filter((_, i) => cells[i]!.draw === draw);
  const drawMean = (draw: number): number => meanOf(ofDraw(draw).map(({ value }) => value));
  const rows = scored.flatMap(ofDraw);
  return {
    mean: meanOf(rows.map(({ value }) => value)),
    perDraw: shown.map(drawMean),
    spread: splits
      ? repeatedSplitSpread(scored.map(drawMean), splits.test, splits.train)
      : crossedSpread({
          values: Float64Array.from(rows.flatMap(({ value, without }) => [...pseudoValues(value, without)])),
          levels: [scored.length, seeds, rows[0]!.without.length],
        }),
  };
}

const forEachMetric = (estimate: (metric: MetricName) => Estimate): Estimates =>
  Object.fromEntries(metricNames.map((metric) => [metric, estimate(metric)])) as Estimates;
