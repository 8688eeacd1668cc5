import type Database from 'better-sqlite3';
import { AppError } from '../../contract/errors.ts';
import { transact } from '../db/errors.ts';
import type { Project } from '../db/open.ts';
import { inRandomOrder } from '../queues/simple.ts';

interface Candidate {
  readonly id: number;
  readonly hash: string;
  readonly class: string | null;
  readonly group: number | null;
}

/**
 * Begins a blind session: images the other rater answered, spread over their classes and over groups, none of which the
 * asking rater has said anything of.
 * @throws AppError `second.same`, `second.few`, `second.blind` where one is going on
 */
export function startBlind(project: Project, rater: string, other: string, wanted: number): number {
  const { db } = project;
  if (rater === other) throw new AppError('second.same', { rater });
  if (openSession(db, rater) !== null) throw new AppError('second.blind');
  const found = db
    .prepare<[string, string], Candidate>(
      `SELECT image.id AS id, hash, label_now.class AS class, group_id AS "group"
       FROM label_now JOIN image ON image.id = label_now.image
       WHERE rater = ? AND kind IN ('class', 'none') AND state = 'ok' AND role = 'main'
         AND image.id NOT IN (SELECT image FROM label WHERE rater = ?)`,
    )
    .all(other, rater);
  if (found.length < 2) throw new AppError('second.few', { other });
  const byId = new Map(found.map((candidate) => [candidate.id, candidate]));
  const cells = Map.groupBy(inRandomOrder(project, found), (id) => {
    const { class: name, group } = byId.get(id)!;
    return JSON.stringify([name, group]);
  });
  const chosen = roundRobin([...cells.values()], wanted);
  transact(db, () => {
    const session = Number(
      db
        .prepare(`INSERT INTO blind_session (rater, other, started_at) VALUES (?, ?, ?)`)
        .run(rater, other, new Date().toISOString()).lastInsertRowid,
    );
    const insert = db.prepare(`INSERT INTO blind_image (session, position, image) VALUES (?, ?, ?)`);
    // In an order that says nothing of the classes.
    inRandomOrder(
      project,
      chosen.map((id) => byId.get(id)!),
    ).forEach((image, position) => insert.run(session, position, image));
  });
  return chosen.length;
}

/** One of each list in turn, until there are enough. */
function roundRobin(lists: readonly (readonly number[])[], wanted: number): number[] {
  const taken: number[] = [];
  for (let turn = 0; taken.length < wanted; turn++) {
    const round = lists.flatMap((list) => (turn < list.length ? [list[turn]!] : []));
    if (round.length === 0) break;
    taken.push(...round.slice(0, wanted - taken.length));
  }
  return taken;
}

export interface Session {
  readonly id: number;
  readonly other: string;
}

export const openSession = (db: Database.Database, rater: string): Session | null =>
  db
    .prepare<[string], Session>(
      `SELECT id, other FROM blind_session WHERE rater = ? AND ended_at IS NULL ORDER BY id DESC LIMIT 1`,
    )
    .get(rater) ?? null;

/** Images of a session, and those of them the rater has answered. */
export function sessionImages(
  db: Database.Database,
  session: number,
  rater: string,
): { all: number[]; done: number[] } {
  const rows = db
    .prepare<[string, number], { image: number; done: 0 | 1 }>(
      `SELECT blind_image.image AS image, label.image IS NOT NULL AS done FROM blind_image
       LEFT JOIN label ON label.image = blind_image.image AND label.rater = ?
       WHERE session = ? ORDER BY position`,
    )
    .all(rater, session);
  return { all: rows.map(({ image }) => image), done: rows.filter(({ done }) => done === 1).map(({ image }) => image) };
}

/** @throws AppError `second.none` */
export function endBlind(db: Database.Database, rater: string): Session & { readonly images: ReadonlySet<number> } {
  const session = openSession(db, rater);
  if (!session) throw new AppError('second.none', { rater });
  transact(db, () =>
    db.prepare(`UPDATE blind_session SET ended_at = ? WHERE id = ?`).run(new Date().toISOString(), session.id),
  );
  return { ...session, images: new Set(sessionImages(db, session.id, rater).all) };
}
