/** The 97.5 % point of the normal distribution. */
const z = 1.959963984540054;

export interface Kappa {
  /** Share of images with the same value. */
  readonly observed: number;
  /** Null where chance alone would make them agree always. */
  readonly kappa: number | null;
  /** 95 % range; null where there is no kappa. */
  readonly ci: [number, number] | null;
}

/**
 * Agreement beyond chance of two raters (Cohen, Educational and Psychological Measurement 20, 1960, eq. 1), with its
 * large-sample standard error (Fleiss, Cohen & Everitt, Psychological Bulletin 72, 1969, eq. 13).
 * @param grid counts: rows what the first said, columns what the second did
 */
export function kappaOf(grid: readonly (readonly number[])[]): Kappa {
  const n = grid.flat().reduce((sum, count) => sum + count, 0);
  const share = (row: number, column: number): number => (grid[row]?.[column] ?? 0) / n;
  const all = grid.map((_, i) => i);
  const rows = all.map((i) => all.reduce((sum, j) => sum + share(i, j), 0));
  const columns = all.map((j) => all.reduce((sum, i) => sum + share(i, j), 0));
  const observed = all.reduce((sum, i) => sum + share(i, i), 0);
  const expected = all.reduce((sum, i) => sum + rows[i]! * columns[i]!, 0);
  if (n === 0 || expected > 1 - 1e-12) return { observed: n === 0 ? 0 : observed, kappa: null, ci: null };
  const kappa = (observed - expected) / (1 - expected);
  const rest = 1 - kappa;
  let same = 0;
  let other = 0;
  for (const i of all) {
    same += share(i, i) * (1 - (rows[i]! + columns[i]!) * rest) ** 2;
    for (const j of all) if (i !== j) other += share(i, j) * (columns[i]! + rows[j]!) ** 2;
  }
  const variance = (same + rest ** 2 * other - (kappa - expected * rest) ** 2) / (n * (1 - expected) ** 2);
  const half = z * Math.sqrt(Math.max(0, variance));
  return { observed, kappa, ci: [Math.max(-1, kappa - half), Math.min(1, kappa + half)] };
}
