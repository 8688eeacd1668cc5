/**
 * How far two orders agree: Kendall's τ-b, which takes ties into account (Kendall 1945). 1 is the same order, −1 the
 * reverse, 0 no relation.
 * @returns null where one of them is all ties
 */
export function kendall(a: readonly number[], b: readonly number[]): number | null {
  let [agree, tiesA, tiesB, pairs] = [0, 0, 0, 0];
  for (let i = 0; i < a.length; i++)
    for (let j = 0; j < i; j++) {
      const [x, y] = [Math.sign(a[i]! - a[j]!), Math.sign(b[i]! - b[j]!)];
      pairs++;
      agree += x * y;
      if (x === 0) tiesA++;
      if (y === 0) tiesB++;
    }
  const scale = Math.sqrt((pairs - tiesA) * (pairs - tiesB));
  return scale > 0 ? agree / scale : null;
}
