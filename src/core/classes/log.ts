import type Database from 'better-sqlite3';
import { z } from 'zod';
import { prepared } from '../db/prepared.ts';

/** A class as the table holds it. */
export const classRowSchema = z.object({
  id: z.int(),
  /** What the label log knows it by, for ever. */
  key: z.string(),
  name: z.string(),
  position: z.int(),
  /** Class its labels count for: itself, or the one it was merged into. */
  counts_as: z.int(),
  removed: z.union([z.literal(0), z.literal(1)]),
});
export type ClassRow = z.infer<typeof classRowSchema>;

export type ClassEventKind = 'add' | 'rename' | 'merge' | 'reorder' | 'remove' | 'restore';

/** What an act does to classes: the rows it touches, before and after, so that it can be taken back and replayed. */
export interface ClassChange {
  readonly kind: ClassEventKind;
  /** The class that is meant. */
  readonly class: number;
  readonly before: readonly ClassRow[];
  readonly after: readonly ClassRow[];
}
export const classDetailSchema = z.object({ before: z.array(classRowSchema), after: z.array(classRowSchema) });

interface Act {
  readonly time: string;
  readonly rater: string;
  readonly batch: number;
}

/** Every class there ever was. */
export const allClasses = (db: Database.Database): ClassRow[] =>
  prepared(db, `SELECT id, key, name, position, counts_as, removed FROM class ORDER BY position, id`)
    .all()
    .map((row) => classRowSchema.parse(row));

/** Classes that are shown: neither removed nor merged into another. */
export const liveClasses = (db: Database.Database): ClassRow[] =>
  allClasses(db).filter(({ id, counts_as: countsAs, removed }) => removed === 0 && countsAs === id);

/** Writes the event and brings the table in line. */
export function applyClassChange(db: Database.Database, act: Act, change: ClassChange): void {
  const { kind, before, after } = change;
  prepared(db, `INSERT INTO class_event (time, rater, kind, class, detail, batch) VALUES (?, ?, ?, ?, ?, ?)`).run(
    act.time,
    act.rater,
    kind,
    change.class,
    JSON.stringify({ before, after }),
    act.batch,
  );
  const put = prepared(
    db,
    `INSERT INTO class (id, key, name, position, counts_as, removed)
     VALUES (@id, @key, @name, @position, @counts_as, @removed)
     ON CONFLICT (id) DO UPDATE SET name = excluded.name, position = excluded.position,
       counts_as = excluded.counts_as, removed = excluded.removed`,
  );
  for (const row of after) put.run(row);
}

/** Key of the class of that name, or of the one that had it when it was made; made where there is none. */
export function classKeyFor(db: Database.Database, act: Act, name: string): string {
  const live = liveClasses(db);
  const found = live.find((row) => row.name === name) ?? live.find(({ key }) => key === name);
  if (found) return found.key;
  const change = additionOf(db, name);
  applyClassChange(db, act, change);
  return change.after[0]!.key;
}

/** The change that makes a class. A key that an older class has already gets a number. */
export function additionOf(db: Database.Database, name: string): ClassChange {
  const all = allClasses(db);
  const keys = new Set(all.map(({ key }) => key));
  let key = name;
  for (let number = 2; keys.has(key); number++) key = `${name} (${number})`;
  const id = Math.max(0, ...all.map((row) => row.id)) + 1;
  const position = Math.max(0, ...all.map((row) => row.position)) + 1;
  const row: ClassRow = { id, key, name, position, counts_as: id, removed: 0 };
  return { kind: 'add', class: id, before: [{ ...row, removed: 1 }], after: [row] };
}

const inverses: Readonly<Record<ClassEventKind, ClassEventKind>> = {
  add: 'remove',
  remove: 'restore',
  restore: 'remove',
  rename: 'rename',
  merge: 'merge',
  reorder: 'reorder',
};

export const inverseOf = ({ kind, class: id, before, after }: ClassChange): ClassChange => ({
  kind: inverses[kind],
  class: id,
  before: after,
  after: before,
});

/** What an act did to classes, in order. */
export const classChangesOf = (db: Database.Database, batch: number): ClassChange[] =>
  prepared<[number], { kind: ClassEventKind; class: number; detail: string }>(
    db,
    `SELECT kind, class, detail FROM class_event WHERE batch = ? ORDER BY seq`,
  )
    .all(batch)
    .map(({ kind, class: id, detail }) => ({ kind, class: id, ...classDetailSchema.parse(JSON.parse(detail)) }));
