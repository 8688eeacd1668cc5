import { generator } from '../data/random.ts';

/** Parts that are taken away one after the other, until nothing is left. */
export const STEPS = 8;
/** With 19, a map whose order is better than all of them is so by chance in 1 of 20 images. */
export const RANDOM_ORDERS = 19;

/** Cells by what they are worth to the class, most first; of equals the earlier one. */
export const orderOf = (map: ArrayLike<number>): number[] =>
  Array.from(map, (_, cell) => cell).sort((a, b) => map[b]! - map[a]! || a - b);

/** Orders of cells by chance, the same for the same picture. */
export const randomOrders = (cells: number, seed: number): number[][] =>
  Array.from({ length: RANDOM_ORDERS }, (_, order) => [...generator(seed, 'deletion', order).permutation(cells)]);

/** What is gone after each step but the last, at which all is. @returns STEPS − 1 sets of cells */
export const removals = (order: readonly number[]): number[][] =>
  Array.from({ length: STEPS - 1 }, (_, step) => order.slice(0, Math.round(((step + 1) * order.length) / STEPS)));

/**
 * Area under a deletion curve (Petsiuk et al. 2018, section 4.2), by trapezia; small where what matters went first.
 * @param values of the class: of the whole picture, after each step, and of nothing
 */
export function areaUnder(values: readonly number[]): number {
  let area = 0;
  for (let i = 1; i < values.length; i++) area += (values[i - 1]! + values[i]!) / 2;
  return area / (values.length - 1);
}
