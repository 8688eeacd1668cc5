import type Database from 'better-sqlite3';
import { AppError } from '../../contract/errors.ts';
import { jointRater } from './log.ts';

/**
 * What a rater may see of others. In a blind session (second rater) that is nothing: no label, note, or prediction of
 * anybody else, no name of a file or group, nothing that came with the images. The one rule for all of core.
 */
export interface Sight {
  readonly rater: string;
  readonly blind: boolean;
  /** The open blind session, or null. */
  readonly session: number | null;
  /** SQL condition on a column that holds a rater: rows that may be shown. Binds `@rater`. */
  readonly raters: (column: string) => string;
}

export function sight(db: Database.Database, rater: string): Sight {
  const open = db
    .prepare<[string], { id: number }>(
      `SELECT id FROM blind_session WHERE rater = ? AND ended_at IS NULL ORDER BY id DESC LIMIT 1`,
    )
    .get(rater);
  const blind = open !== undefined;
  return {
    rater,
    blind,
    session: open?.id ?? null,
    raters: (column) => (blind ? `${column} = @rater` : 'true'),
  };
}

/**
 * A blind rater must not learn what others said from what was made of it.
 * @throws AppError `second.blind`
 */
export function assertSighted(db: Database.Database, rater: string): void {
  if (sight(db, rater).blind) throw new AppError('second.blind');
}

/** A check image the rater has not labelled yet: who is to say what it is must not have heard anybody before. */
export const awaitsOwnWord = (db: Database.Database, rater: string, image: number): boolean =>
  db
    .prepare(
      `SELECT 1 FROM image WHERE id = @image AND side = 'check'
         AND NOT EXISTS (SELECT 1 FROM label WHERE label.image = image.id AND rater = @rater)`,
    )
    .get({ image, rater }) !== undefined;

/** What a rater says of an image, as a number: 0 nothing, then the marks, then classes by id. */
export const said = { nothing: 0, none: 1, unsure: 2, skip: 3, firstClass: 4 } as const;

export function saidCode(kind: string, classId: number | null): number {
  if (kind === 'class') return classId === null ? said.nothing : said.firstClass + classId;
  if (kind === 'none' || kind === 'unsure' || kind === 'skip') return said[kind];
  return said.nothing;
}

export const classOfCode = (code: number): number | null => (code >= said.firstClass ? code - said.firstClass : null);
/** A class or "none of these": an answer, not a mark for later. */
export const isAnswer = (code: number): boolean => code === said.none || code >= said.firstClass;

/** What raters say, one number per image and rater. A rater without a column says nothing. */
export interface SaidColumns {
  readonly own: Uint16Array | null;
  readonly joint: Uint16Array | null;
  readonly others: readonly Uint16Array[];
}

/** Columns of all raters as one rater may see them. */
export function columnsFor(
  columns: ReadonlyMap<string, Uint16Array>,
  { rater, blind }: Sight | SightFacts,
): SaidColumns {
  const own = columns.get(rater) ?? null;
  if (blind) return { own, joint: null, others: [] };
  const joint = columns.get(jointRater) ?? null;
  return {
    own,
    joint,
    others: [...columns].filter(([name]) => name !== rater && name !== jointRater).map(([, c]) => c),
  };
}
/** What of a sight crosses to another thread. */
export interface SightFacts {
  readonly rater: string;
  readonly blind: boolean;
}

/** What an image is to the rater: a joint decision, else their own word, else what the others agree on. */
export function labelAt({ own, joint, others }: SaidColumns, at: number): number {
  const decided = joint?.[at] ?? said.nothing;
  if (isAnswer(decided)) return decided;
  const mine = own?.[at] ?? said.nothing;
  if (mine !== said.nothing) return mine;
  let found: number = said.nothing;
  for (const column of others) {
    const code = column[at] ?? said.nothing;
    if (!isAnswer(code)) continue;
    if (found !== said.nothing && found !== code) return said.nothing;
    found = code;
  }
  return found;
}

/** Two raters gave different answers and no joint decision stands. */
export function disagreesAt({ own, joint, others }: SaidColumns, at: number): boolean {
  if (isAnswer(joint?.[at] ?? said.nothing)) return false;
  let found = own?.[at] ?? said.nothing;
  if (!isAnswer(found)) found = said.nothing;
  for (const column of others) {
    const code = column[at] ?? said.nothing;
    if (!isAnswer(code)) continue;
    if (found !== said.nothing && found !== code) return true;
    found = code;
  }
  return false;
}

/** Anybody whom the rater may see gave an answer. */
export function isLabelledAt({ own, joint, others }: SaidColumns, at: number): boolean {
  if (own !== null && isAnswer(own[at] ?? 0)) return true;
  if (joint !== null && isAnswer(joint[at] ?? 0)) return true;
  for (const column of others) if (isAnswer(column[at] ?? 0)) return true;
  return false;
}
