import { ladderOf } from '../../statistics/learning-curve.ts';
import type { Generator } from '../data/random.ts';
import type { PartialProbes } from './held-out.ts';

/** Only the class that is called matters. */
const tolerance = 1e-3;
/** Random orders of the labels in which a learning curve is walked; fewer where each costs seconds. */
const ordersOf = (labels: number): number => (labels <= 300 ? 8 : 4);

export interface OrdersCalled {
  /** Labels per class, mean over classes, at each step. */
  readonly steps: readonly number[];
  /** Class that each of the other images was called: [order][step][image]. */
  readonly called: readonly (readonly Int32Array[])[];
}

/**
 * What other images are called by probes on the first 1, 2, 3, 5 … labels of each class, in random orders; a class with
 * fewer gives all it has. The last step has all labels, whatever the order.
 * @param truth class of each label
 * @param others number of the other images of `probes`
 * @param orders how many orders
 */
export function calledByOrders(
  probes: PartialProbes,
  truth: readonly number[],
  classes: number,
  others: number,
  random: Generator,
  { orders = ordersOf(truth.length), signal }: { orders?: number | undefined; signal?: AbortSignal } = {},
): OrdersCalled {
  const perClass = Array.from({ length: classes }, (_, c) => truth.filter((label) => label === c).length);
  const ladder = ladderOf(perClass);
  const asked = Array.from({ length: others }, (_, i) => i);
  const callAll = (part: readonly number[]): Int32Array => {
    signal?.throwIfAborted();
    const probabilities = probes.fit(part, asked, 'others', tolerance);
    return Int32Array.from(asked, (i) => {
      const row = probabilities.subarray(i * classes, (i + 1) * classes);
      return row.indexOf(Math.max(...row));
    });
  };
  const whole = callAll(truth.map((_, row) => row));
  const called = Array.from({ length: orders }, () => {
    const shuffled = [...random.permutation(truth.length)];
    const rank = new Map<number, number>();
    const seen = new Int32Array(classes);
    for (const row of shuffled) rank.set(row, seen[truth[row]!]!++);
    return ladder.map((k, step) =>
      step === ladder.length - 1 ? whole : callAll(shuffled.filter((row) => rank.get(row)! < k).sort((a, b) => a - b)),
    );
  });
  const present = perClass.filter((count) => count > 0).length;
  const steps = ladder.map((k) => perClass.reduce((sum, count) => sum + Math.min(k, count), 0) / present);
  return { steps, called };
}
