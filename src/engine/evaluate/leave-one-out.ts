import type { MetricName } from '../../contract/results.ts';
import { ratioLeftOut, type LeftOut } from '../../statistics/intervals.ts';
import {
  balancedAccuracy,
  brier,
  classAuc,
  confusionMatrix,
  ece,
  eceBins,
  logLoss,
  macroF1,
  meanOfPresent,
  ranking,
  squaredError,
  surprise,
  topClass,
  totalWeight,
  weightOf,
  type Scored,
} from './metrics.ts';

/** Check clusters as 0..count−1 per image. */
export interface Clusters {
  readonly of: Int32Array;
  readonly count: number;
}

/** The AUC needs a pass over all images for each one left out; beyond this many clusters are left out in blocks. */
const aucBlocks = 100;
/** AUC where the images scored are all of one class: it ranks nothing. */
const chance = 0.5;

/** All scores of one cell, ready for the jackknife over clusters. */
export function leaveOneOut(scored: Scored, clusters: Clusters): Record<MetricName, LeftOut> {
  return { ...fromCounts(scored, clusters), auc: leftOutAuc(scored, clusters) };
}

/** The scores that follow from sums over images: leaving a cluster out is a subtraction. */
function fromCounts(scored: Scored, clusters: Clusters): Record<Exclude<MetricName, 'auc'>, LeftOut> {
  const { labels, classes } = scored;
  const hits = new Float64Array(clusters.count);
  const sizes = new Float64Array(clusters.count);
  const counts = new Float64Array(clusters.count * classes * classes);
  for (let i = 0; i < labels.length; i++) {
    const cluster = clusters.of[i]!;
    const weight = weightOf(scored, i);
    const top = topClass(scored, i);
    hits[cluster]! += top === labels[i] ? weight : 0;
    sizes[cluster]! += weight;
    counts[(cluster * classes + labels[i]!) * classes + top]! += weight;
  }
  const confusion = confusionMatrix(scored);
  const confusionWithout = (cluster: number): number[][] =>
    confusion.map((row, t) => row.map((n, c) => n - counts[(cluster * classes + t) * classes + c]!));
  const each = (score: (cluster: number) => number): Float64Array =>
    Float64Array.from({ length: clusters.count }, (_, cluster) => score(cluster));
  const { logLoss, ece } = leftOutFit(scored, clusters);
  return {
    accuracy: ratioLeftOut(hits, sizes),
    logLoss,
    ece,
    balancedAccuracy: {
      value: balancedAccuracy(confusion),
      without: each((k) => balancedAccuracy(confusionWithout(k))),
    },
    macroF1: { value: macroF1(confusion), without: each((k) => macroF1(confusionWithout(k))) },
  };
}

/** How far what is said is off, likewise. */
export function leftOutFit(scored: Scored, clusters: Clusters): Record<'ece' | 'logLoss' | 'brier', LeftOut> {
  const { labels, probabilities, classes } = scored;
  const sizes = new Float64Array(clusters.count);
  const surprises = new Float64Array(clusters.count);
  const errors = new Float64Array(clusters.count);
  const gaps = new Float64Array(clusters.count * eceBins);
  const allGaps = new Float64Array(eceBins);
  for (let i = 0; i < labels.length; i++) {
    const cluster = clusters.of[i]!;
    const weight = weightOf(scored, i);
    const top = topClass(scored, i);
    const confidence = probabilities[i * classes + top]!;
    const bin = Math.min(eceBins - 1, Math.max(0, Math.ceil(confidence * eceBins) - 1));
    const gap = weight * ((top === labels[i] ? 1 : 0) - confidence);
    sizes[cluster]! += weight;
    surprises[cluster]! += weight * surprise(scored, i);
    errors[cluster]! += weight * squaredError(scored, i);
    gaps[cluster * eceBins + bin]! += gap;
    allGaps[bin]! += gap;
  }
  const images = totalWeight(scored);
  const each = (score: (cluster: number) => number): Float64Array =>
    Float64Array.from({ length: clusters.count }, (_, k) => score(k) / (images - sizes[k]!));
  const [allSurprise, allErrors] = [sumOf(surprises), sumOf(errors)];
  return {
    ece: {
      value: ece(scored),
      without: each((k) => allGaps.reduce((sum, gap, bin) => sum + Math.abs(gap - gaps[k * eceBins + bin]!), 0)),
    },
    logLoss: { value: logLoss(scored), without: each((k) => allSurprise - surprises[k]!) },
    brier: { value: brier(scored), without: each((k) => allErrors - errors[k]!) },
  };
}

const sumOf = (values: Float64Array): number => values.reduce((sum, value) => sum + value, 0);

function leftOutAuc(scored: Scored, clusters: Clusters): LeftOut {
  const blocks = Math.min(clusters.count, aucBlocks);
  const orders = Array.from({ length: scored.classes }, (_, c) => ranking(scored, c));
  const auc = (keep?: Uint8Array): number => {
    const value = meanOfPresent(orders.map((order, c) => classAuc(scored, c, order, keep)));
    return Number.isNaN(value) ? chance : value;
  };
  return {
    value: auc(),
    without: Float64Array.from({ length: blocks }, (_, block) =>
      auc(Uint8Array.from(clusters.of, (cluster) => (cluster % blocks === block ? 0 : 1))),
    ),
  };
}
