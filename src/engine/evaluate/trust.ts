import type { Trust } from '../../contract/results.ts';
import type { Scored, Temperatures } from '../../contract/run-files.ts';
import { crossedSpread, pseudoValues, studentInterval, type Interval } from '../../statistics/intervals.ts';
import { crossed } from '../../statistics/share.ts';
import { leftOutFit } from './leave-one-out.ts';
import type { Scored as Predictions } from './metrics.ts';
import type { Answer, Said } from './said.ts';

type Fit = Trust['before'];

const reach: Readonly<Record<keyof Fit, Interval>> = {
  ece: [0, 1],
  logLoss: [0, -Math.log(Number.EPSILON)],
  brier: [0, 2],
};

/**
 * Whether an arm's percentages can be trusted, before and after correction. The answers of every draw are counted
 * together: what is applied is a model like that of one draw, and their mean is surer of nothing and wrong more rarely.
 * Ranges are over check clusters and draws.
 */
export function trustOf(
  images: Scored['images'],
  said: ReadonlyMap<number, Said>,
  temperatures: Temperatures | null,
): Trust {
  const answers = images.flatMap((image) => said.get(image.image)!.answers.map((answer) => ({ ...image, ...answer })));
  const { draws, clusters, cells, placeOf } = crossed(answers);
  const cellOf = { of: Int32Array.from(answers, placeOf), count: cells };
  const fit = (rowOf: (answer: Answer) => Float64Array): Fit => {
    const rows = answers.map(rowOf);
    const predictions: Predictions = {
      labels: answers.map((answer) => answer.class),
      probabilities: Float64Array.from(rows.flatMap((row) => [...row])),
      classes: rows[0]!.length,
      weights: answers.map(({ weight }) => weight ?? 1),
    };
    const left = leftOutFit(predictions, cellOf);
    const estimate = (name: keyof Fit): Fit['ece'] => {
      const { value, without } = left[name];
      const spread = crossedSpread({ values: pseudoValues(value, without), levels: [draws, clusters] });
      return { mean: value, ci: [...studentInterval(value, spread, reach[name])] };
    };
    return { ece: estimate('ece'), logLoss: estimate('logLoss'), brier: estimate('brier') };
  };
  // One answer that no temperature was fitted for would make the two columns of different answers.
  const isCorrected = answers.every(({ corrected }) => corrected !== null);
  const applied = temperatures?.applied;
  return {
    before: fit(({ raw }) => raw),
    after: isCorrected ? fit(({ corrected }) => corrected!) : null,
    temperature: applied ? { value: applied.temperature, labels: applied.labels } : null,
  };
}
