/** Two-sided 95 % of the normal distribution. */
const z95 = 1.959964;

/** 95 % range of a share, `hits` of `of` (Wilson): it holds for few images and near 0 and 1 too. */
export function shareRange(hits: number, of: number): { mean: number; ci: [number, number] } | null {
  if (of === 0) return null;
  const share = hits / of;
  const scale = 1 + z95 ** 2 / of;
  const centre = (share + z95 ** 2 / (2 * of)) / scale;
  const half = (z95 / scale) * Math.sqrt((share * (1 - share)) / of + z95 ** 2 / (4 * of ** 2));
  return { mean: share, ci: [Math.max(0, centre - half), Math.min(1, centre + half)] };
}

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
