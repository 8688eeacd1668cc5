import type { Trust } from '../../contract/results.ts';
import type { Scored, Temperatures } from '../../contract/run-files.ts';
import { crossedSpread, pseudoValues, studentInterval, type Interval } from '../../statistics/intervals.ts';
import { numbered } from './cells.ts';
import { brier, ece, logLoss, type Scored as Predictions } from './metrics.ts';
import type { Said } from './said.ts';

/** Whether an arm's percentages can be trusted, before and after correction, with ranges over check clusters. */
export function trustOf(
  images: Scored['images'],
  said: ReadonlyMap<number, Said>,
  temperatures: Temperatures | null,
): Trust {
  const rows = images.map(({ image }) => said.get(image)!);
  const fit = (of: readonly Float64Array[]): Trust['before'] => {
    const classes = of[0]!.length;
    const predictions: Predictions = {
      labels: images.map((image) => image.class),
      probabilities: Float64Array.from(of.flatMap((row) => [...row])),
      classes,
      weights: images.map(({ weight }) => weight ?? 1),
    };
    const clusters = numbered(images.map(({ cluster }) => cluster));
    const reach: Record<keyof Trust['before'], Interval> = {
      ece: [0, 1],
      logLoss: [0, -Math.log(Number.EPSILON)],
      brier: [0, 2],
    };
    const estimate = (name: keyof Trust['before'], score: (of: Predictions) => number): Trust['before']['ece'] => {
      const mean = score(predictions);
      const without = withoutEach(predictions, clusters.of, clusters.count, score);
      const levels = [without.length];
      const spread = crossedSpread({ values: pseudoValues(mean, without), levels });
      return { mean, ci: [...studentInterval(mean, spread, reach[name])] };
    };
    return { ece: estimate('ece', ece), logLoss: estimate('logLoss', logLoss), brier: estimate('brier', brier) };
  };
  // One image that no temperature was fitted for would make the two columns of different images.
  const corrected = rows.flatMap((row) => row.corrected ?? []);
  const applied = temperatures?.applied;
  return {
    before: fit(rows.map(({ raw }) => raw)),
    after: corrected.length === rows.length ? fit(corrected) : null,
    temperature: applied ? { value: applied.temperature, labels: applied.labels } : null,
  };
}

/** Beyond this many, clusters are left out in blocks. */
const mostBlocks = 100;

/** A score without each cluster, or block of clusters. @returns [blocks] */
function withoutEach(
  { labels, probabilities, classes, weights }: Predictions,
  clusterOf: Int32Array,
  clusters: number,
  score: (of: Predictions) => number,
): Float64Array {
  const blocks = Math.min(clusters, mostBlocks);
  const all = Array.from(clusterOf.keys());
  return Float64Array.from({ length: blocks }, (_, block) => {
    const kept = all.filter((row) => clusterOf[row]! % blocks !== block);
    const part = new Float64Array(kept.length * classes);
    kept.forEach((row, at) => {
      for (let c = 0; c < classes; c++) part[at * classes + c] = probabilities[row * classes + c]!;
    });
    return score({
      labels: kept.map((row) => labels[row]!),
      probabilities: part,
      classes,
      weights: kept.map((row) => weights![row]!),
    });
  });
}
