import { z } from 'zod';
import { computeAll } from '../../../../src/engine/evaluate/metrics.ts';
import { absent, type Finding } from './finding.ts';

const tolerance = 1e-9;

const setSchema = z.looseObject({
  n: z.int(),
  classes: z.int(),
  seed: z.int(),
  labels: z.array(z.int()),
  probabilities: z.array(z.array(z.number())),
  second_rater: z.array(z.int()),
});

/** Compares every score of every set with `metrics.json`. */
export function checkMetrics(json: unknown): Finding[] {
  return z
    .array(setSchema)
    .parse(json)
    .flatMap((set) => {
      const { n, classes, seed, labels, probabilities, second_rater: secondRater, ...scores } = set;
      const ours: Readonly<Record<string, unknown>> = computeAll(labels, probabilities, secondRater);
      return Object.entries(scores).map(([name, expected]) => {
        const what = `${name} (${n} images, ${classes} classes, seed ${seed})`;
        return name in ours
          ? { what, error: largestDifference(ours[name], expected), tolerance }
          : absent(what, 'no such score yet');
      });
    });
}

/** Largest difference over nested arrays of numbers; infinite where the shapes differ. */
function largestDifference(actual: unknown, expected: unknown): number {
  if (Array.isArray(actual) && Array.isArray(expected)) {
    if (actual.length !== expected.length) return Infinity;
    return Math.max(0, ...actual.map((value, i) => largestDifference(value, expected[i])));
  }
  return typeof actual === 'number' && typeof expected === 'number' ? Math.abs(actual - expected) : Infinity;
}
