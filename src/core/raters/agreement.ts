import type Database from 'better-sqlite3';
import type { Agreement } from '../../contract/calls/labels.ts';
import { jointRater } from '../labels/log.ts';
import { kappaOf } from './kappa.ts';

/** What a rater answered of an image: the name of a class, or `none`. */
interface Pair {
  readonly image: number;
  readonly first: string;
  readonly second: string;
}

/** Images both gave a class or "none of these". */
export const pairsOf = (db: Database.Database, first: string, second: string): Pair[] =>
  db
    .prepare<[string, string], Pair>(
      `SELECT one.image AS image, ifnull(one.class, one.kind) AS first, ifnull(two.class, two.kind) AS second
       FROM label_now AS one JOIN label_now AS two ON two.image = one.image
       WHERE one.rater = ? AND two.rater = ? AND one.kind IN ('class', 'none') AND two.kind IN ('class', 'none')
       ORDER BY one.image`,
    )
    .all(first, second);

/** Agreement of two raters on some images, or on all they have in common. */
export function agreementOf(
  db: Database.Database,
  raters: readonly [string, string],
  images?: ReadonlySet<number>,
): Agreement {
  const pairs = pairsOf(db, ...raters).filter(({ image }) => images === undefined || images.has(image));
  const order = db
    .prepare<[], string>(`SELECT name FROM class WHERE removed = 0 AND counts_as = id ORDER BY position, id`)
    .pluck()
    .all();
  const said = new Set(pairs.flatMap(({ first, second }) => [first, second]));
  const values = [...order, 'none'].filter((value) => said.has(value));
  const indexOf = new Map(values.map((value, index) => [value, index]));
  const grid = values.map(() => values.map(() => 0));
  for (const { first, second } of pairs) grid[indexOf.get(first)!]![indexOf.get(second)!]! += 1;
  const { kappa, ci } = kappaOf(grid);
  const agreed = pairs.filter(({ first, second }) => first === second).length;
  return { raters: [...raters], images: pairs.length, agreed, kappa, ci, values, grid };
}

/** Who labelled. Joint decisions are no rater. */
export const ratersOf = (db: Database.Database): string[] =>
  db
    .prepare<[string], string>(
      `SELECT rater FROM label WHERE kind IN ('class', 'none') AND rater <> ? GROUP BY rater ORDER BY count(*) DESC, rater`,
    )
    .pluck()
    .all(jointRater);
