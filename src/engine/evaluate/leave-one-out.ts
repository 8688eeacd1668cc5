import type { MetricName } from '../../contract/results.ts';
import {
  balancedAccuracy,
  classAuc,
  confusionMatrix,
  ece,
  eceBins,
  logLoss,
  macroF1,
  meanOfPresent,
  ranking,
  surprise,
  topClass,
  totalWeight,
  weightOf,
  type Scored,
} from './metrics.ts';

/** One score of one set of predictions, and the same without each cluster. */
export interface LeftOut {
  readonly value: number;
  /** [clusters], or fewer blocks of clusters for scores that are dear to recompute. */
  readonly without: Float64Array;
}

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
  const surprises = new Float64Array(clusters.count);
  const sizes = new Float64Array(clusters.count);
  const counts = new Float64Array(clusters.count * classes * classes);
  const gaps = new Float64Array(clusters.count * eceBins);
  for (let i = 0; i < labels.length; i++) {
    const cluster = clusters.of[i]!;
    const weight = weightOf(scored, i);
    const top = topClass(scored, i);
    const right = top === labels[i] ? 1 : 0;
    const confidence = scored.probabilities[i * classes + top]!;
    hits[cluster]! += weight * right;
    surprises[cluster]! += weight * surprise(scored, i);
    sizes[cluster]! += weight;
    counts[(cluster * classes + labels[i]!) * classes + top]! += weight;
    gaps[cluster * eceBins + Math.min(eceBins - 1, Math.max(0, Math.ceil(confidence * eceBins) - 1))]! +=
      weight * (right - confidence);
  }
  const confusion = confusionMatrix(scored);
  const allGaps = Float64Array.from({ length: eceBins }, (_, bin) => {
    let total = 0;
    for (let cluster = 0; cluster < clusters.count; cluster++) total += gaps[cluster * eceBins + bin]!;
    return total;
  });
  const total = hits.reduce((sum, value) => sum + value, 0);
  const totalSurprise = surprises.reduce((sum, value) => sum + value, 0);
  const images = totalWeight(scored);
  const left = sizes.map((size) => images - size);
  const confusionWithout = (cluster: number): number[][] =>
    confusion.map((row, t) => row.map((n, c) => n - counts[(cluster * classes + t) * classes + c]!));
  const each = (score: (cluster: number) => number): Float64Array =>
    Float64Array.from({ length: clusters.count }, (_, cluster) => score(cluster));
  return {
    accuracy: { value: total / images, without: each((k) => (total - hits[k]!) / left[k]!) },
    logLoss: { value: logLoss(scored), without: each((k) => (totalSurprise - surprises[k]!) / left[k]!) },
    ece: {
      value: ece(scored),
      without: each(
        (k) => allGaps.reduce((sum, gap, bin) => sum + Math.abs(gap - gaps[k * eceBins + bin]!), 0) / left[k]!,
      ),
    },
    balancedAccuracy: {
      value: balancedAccuracy(confusion),
      without: each((k) => balancedAccuracy(confusionWithout(k))),
    },
    macroF1: { value: macroF1(confusion), without: each((k) => macroF1(confusionWithout(k))) },
  };
}

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
