import { wilson } from '../statistics/wilson.ts';

/** 95 % range of a share, `hits` of `of`: it holds for few images and near 0 and 1 too. */
export const shareRange = (hits: number, of: number): { mean: number; ci: [number, number] } | null =>
  of === 0 ? null : { mean: hits / of, ci: wilson(hits, of) };

/** One scale for both models, so that they can be compared by eye. */
export function sharedScale(
  ranges: readonly { readonly ci: readonly [number, number] }[],
  more: readonly number[],
): [number, number] {
  const ends = [...ranges.flatMap(({ ci }) => ci), ...more];
  return [Math.max(0, Math.min(...ends) - 0.04), Math.min(1, Math.max(...ends) + 0.02)];
}

/** A scale around 0 for differences. */
export function differenceScale(ci: readonly [number, number], perDraw: readonly number[]): [number, number] {
  const reach = Math.max(0.02, ...[...ci, ...perDraw].map(Math.abs)) * 1.1;
  return [-reach, reach];
}
