import type Database from 'better-sqlite3';
import { jointRater } from './log.ts';

export interface Agreement {
  readonly raters: readonly [string, string];
  /** Images both gave a class or "none of these". */
  readonly images: number;
  /** Share of them with the same value. */
  readonly observed: number;
  /** Cohen's kappa; null where chance alone would make them agree always. */
  readonly kappa: number | null;
}

/**
 * Agreement beyond chance of two raters (Cohen, Educational and Psychological Measurement 20, 1960, eq. 1):
 * kappa = (po − pe) / (1 − pe).
 * @param pairs values of the two raters, image by image
 */
export function cohenKappa(pairs: readonly (readonly [string, string])[]): { observed: number; kappa: number | null } {
  const [first, second] = [new Map<string, number>(), new Map<string, number>()];
  let same = 0;
  for (const [a, b] of pairs) {
    first.set(a, (first.get(a) ?? 0) + 1);
    second.set(b, (second.get(b) ?? 0) + 1);
    if (a === b) same++;
  }
  const n = pairs.length;
  const observed = n ? same / n : 0;
  let expected = 0;
  for (const [value, count] of first) expected += (count / n) * ((second.get(value) ?? 0) / n);
  return { observed, kappa: n === 0 || expected === 1 ? null : (observed - expected) / (1 - expected) };
}

/** Agreement of every two raters who saw images in common. Joint decisions are no rater. */
export function agreements(db: Database.Database): Agreement[] {
  const rows = db
    .prepare<[string, string], { a: string; b: string; x: string; y: string }>(
      `SELECT one.rater AS a, two.rater AS b, ifnull('c' || one.class_id, one.kind) AS x, ifnull('c' || two.class_id, two.kind) AS y
       FROM label_now AS one JOIN label_now AS two ON two.image = one.image AND one.rater < two.rater
       WHERE one.kind IN ('class', 'none') AND two.kind IN ('class', 'none') AND one.rater <> ? AND two.rater <> ?
       ORDER BY a, b`,
    )
    .all(jointRater, jointRater);
  const pairs = Map.groupBy(rows, ({ a, b }) => JSON.stringify([a, b]));
  return [...pairs.values()].map((group) => {
    const { a, b } = group[0] as { a: string; b: string };
    return { raters: [a, b], images: group.length, ...cohenKappa(group.map(({ x, y }) => [x, y] as const)) };
  });
}

/** Images whose raters disagree and for which no joint decision stands: they train and check nothing. */
export function openDisagreements(db: Database.Database): number[] {
  return db
    .prepare<[string], number>(
      `SELECT image FROM label WHERE kind IN ('class', 'none')
         AND image NOT IN (SELECT image FROM label WHERE rater = ? AND kind IN ('class', 'none'))
       GROUP BY image HAVING count(DISTINCT kind || ifnull(class, '')) > 1 ORDER BY image`,
    )
    .pluck()
    .all(jointRater);
}
