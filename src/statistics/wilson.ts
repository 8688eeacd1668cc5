/** The 97.5 % point of the normal distribution. */
const z = 1.959963984540054;

/**
 * 95 % score interval of a proportion (Wilson, Journal of the American Statistical Association 22, 1927).
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
