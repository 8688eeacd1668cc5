/** The 97.5 % point of the normal distribution. */
const z = 1.959963984540054;

/**
 * 95 % score interval of a proportion (Wilson, Journal of the American Statistical Association 22, 1927): it holds for
 * few images and near 0 and 1 too.
 * @returns [0, 1] where nothing was counted
 */
export function wilson(hits: number, of: number): [number, number] {
  if (of === 0) return [0, 1];
  const share = hits / of;
  const scale = 1 + (z * z) / of;
  const centre = (share + (z * z) / (2 * of)) / scale;
  const half = (z / scale) * Math.sqrt((share * (1 - share)) / of + (z * z) / (4 * of * of));
  return [Math.max(0, centre - half), Math.min(1, centre + half)];
}

/** A share with its range, `hits` of `of`. */
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
