import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import Database from 'better-sqlite3';
import { headKey } from '../../../../src/core/audit/log.ts';
import { reorderClasses } from '../../../../src/core/classes/changes.ts';
import { verifyAudit } from '../../../../src/core/audit/verify.ts';
import { writeBatch } from '../../../../src/core/labels/log.ts';
import { closeProjects } from '../../../../src/core/db/projects.ts';
import { writeSetting } from '../../../../src/core/library/paths.ts';
import { generator } from '../../../../src/engine/data/random.ts';
import { call, desk } from '../apply/desk.ts';

after(closeProjects);

/** A project in which everything that the log tells of has happened. */
async function livedIn(t: Parameters<typeof desk>[0]) {
  const all = await desk(t, { images: 100 });
  const { seat, labels, results, apply, exports: exported, project } = all;
  // The double makes its classes without the log; from here on they are in it.
  writeBatch(project.db, { rater: 'ana', kind: 'set', changes: [], classes: [reorderClasses(project.db, [2, 1])] });
  const run = await all.run();
  await results['results.seen']({ ...seat, run }, call);
  const { chosen } = await results['results.context']({ project: seat.project, run }, call);
  await results['results.choose']({ ...seat, run, arm: chosen === 'plain' ? 'adapted' : 'plain' }, call);
  const { batch } = await apply['apply.begin']({ ...seat, run }, call);
  await all.until(({ state }) => state === 'done');
  const target = (images: number[]) => ({ target: { images } });
  for (const [image, name] of [
    [1, 'Beta'],
    [2, 'Gamma'],
    [3, 'Beta'],
  ] as const) {
    const act = { ...target([image]), value: { class: name }, guessShown: false, joint: false };
    await labels['labels.set']({ ...seat, ...act }, call);
  }
  await labels['labels.note']({ ...seat, image: 4, text: 'odd' }, call);
  await apply['apply.confirm']({ ...seat, batch, ...target([5, 6, 7]) }, call);
  await labels['labels.undo'](seat, call);
  await labels['labels.redo'](seat, call);
  const table = { format: 'plain', locale: 'en', anonymous: false } as const;
  await exported['exports.make']({ ...seat, what: 'labels', ...table }, call);
  return project;
}

/** What the log and its replay answer for. Of runs and batches, what is not known from elsewhere. */
const columns: Readonly<Record<string, readonly string[]>> = {
  audit: ['seq', 'time', 'kind', 'payload', 'previous', 'hash'],
  label_event: ['seq', 'time', 'rater', 'image', 'kind', 'class', 'text', 'batch'],
  label_batch: ['id', 'time', 'rater', 'kind', 'target'],
  class_event: ['seq', 'time', 'rater', 'kind', 'class', 'detail', 'batch'],
  label: ['image', 'rater', 'kind', 'class', 'seq'],
  note: ['image', 'rater', 'text', 'seq'],
  confirmed: ['image', 'rater', 'class', 'seq'],
  class: ['id', 'key', 'name', 'position', 'counts_as', 'removed'],
  run: ['id', 'kind', 'state', 'chosen', 'seen_at'],
  batch: ['run', 'arm', 'folder'],
  image: ['side'],
};
const logs = ['audit', 'label_event', 'label_batch', 'class_event'];
const views = ['label', 'note', 'confirmed', 'class'];

test('of 1,000 edits all are found', async (t) => {
  const project = await livedIn(t);
  const { db } = project;
  const verify = () => verifyAudit({ db, paths: project.paths });
  assert.deepEqual(verify().problems, []);
  db.pragma('foreign_keys = OFF');
  db.pragma('ignore_check_constraints = ON');
  const triggers = db.prepare<[], string>(`SELECT name FROM sqlite_schema WHERE type = 'trigger'`).pluck().all();
  for (const name of triggers) db.exec(`DROP TRIGGER ${name}`);

  const random = generator(7, 'edits');
  const below = (n: number): number => Math.min(n - 1, Math.floor(random.uniform(1)[0]! * n));
  const one = <T>(of: readonly T[]): T => of[below(of.length)]!;
  // Tables without a rowid are named by all their columns: a row is found by its place.
  const rowsOf = (table: string): Record<string, unknown>[] =>
    db.prepare<[], Record<string, unknown>>(`SELECT * FROM ${table}`).all();
  const where = (row: object): string =>
    Object.keys(row)
      .map((name) => `${name} IS @${name}`)
      .join(' AND ');
  /** The last edit, for a message. */
  let edit = '';
  const change = (table: string, row: Record<string, unknown>, to: Record<string, unknown>): number => {
    edit = `${table} ${JSON.stringify(row)} to ${JSON.stringify(to)}`;
    const set = Object.keys(to).map((name) => `${name} = @to_${name}`);
    const named = Object.fromEntries(Object.entries(to).map(([name, value]) => [`to_${name}`, value]));
    return db.prepare(`UPDATE ${table} SET ${set.join(', ')} WHERE ${where(row)}`).run({ ...row, ...named }).changes;
  };
  const add = (table: string, row: Record<string, unknown>): number => {
    edit = `${table} gets ${JSON.stringify(row)}`;
    const names = Object.keys(row);
    return db
      .prepare(`INSERT INTO ${table} (${names.join(', ')}) VALUES (${names.map((name) => `@${name}`).join(', ')})`)
      .run(row).changes;
  };
  const remove = (table: string, row: Record<string, unknown>): number => {
    edit = `${table} loses ${JSON.stringify(row)}`;
    return db.prepare(`DELETE FROM ${table} WHERE ${where(row)}`).run(row).changes;
  };
  const other = (value: unknown): unknown =>
    typeof value === 'number'
      ? value + 1 + below(50)
      : value === null
        ? 'x'
        : one([`${String(value)}x`, String(value).slice(1)]);
  const field = (table: string): number => {
    const row = one(rowsOf(table));
    const name = one(columns[table]!);
    const isNumber = ['target'].includes(name);
    return change(table, row, { [name]: row[name] === null && isNumber ? 1 : other(row[name]) });
  };

  const edits: Readonly<Record<string, () => number>> = {
    field: () => field(one(logs)),
    'field of what was done': () => field(one(['run', 'batch', 'image'])),
    swap: () => {
      const table = one(['audit', 'label_event']);
      const [first, second] = [one(rowsOf(table)), one(rowsOf(table))];
      if (first['seq'] === second['seq']) return 0;
      const { seq: _, ...ofFirst } = first;
      const { seq: __, ...ofSecond } = second;
      if (JSON.stringify(ofFirst) === JSON.stringify(ofSecond)) return 0;
      return change(table, first, ofSecond) + change(table, second, ofFirst);
    },
    delete: () => {
      const table = one(logs);
      const row = one(rowsOf(table));
      return remove(table, row);
    },
    insert: () => {
      const table = one(logs);
      const row = one(rowsOf(table));
      const id = table === 'label_batch' ? 'id' : 'seq';
      return add(table, { ...row, [id]: Number(db.prepare(`SELECT max(${id}) FROM ${table}`).pluck().get()) + 1 });
    },
    'truncate after a stamp': () => {
      const last = rowsOf('audit').length;
      const end = 1 + below(last - 1);
      const gone = db.prepare(`DELETE FROM audit WHERE seq > ?`).run(end).changes;
      const head = db.prepare(`SELECT hash FROM audit WHERE seq = ?`).pluck().get(end);
      writeSetting(db, headKey, { entries: end, head });
      return gone;
    },
    'edit of the current view': () => {
      const table = one(views);
      const row = one(rowsOf(table));
      if (below(3) === 0) return remove(table, row);
      if (below(2) === 0) return field(table);
      return table === 'class'
        ? add(table, { ...row, id: 900 + below(9), key: `k${below(99)}` })
        : add(table, { ...row, rater: `eve${below(99)}` });
    },
  };

  const missed: string[] = [];
  const kinds = Object.keys(edits);
  let done = 0;
  while (done < 1000) {
    const kind = kinds[done % kinds.length]!;
    db.exec('BEGIN');
    try {
      if (edits[kind]!() === 0) continue;
      done += 1;
      if (verify().ok) missed.push(`${kind}: ${edit}`);
    } catch (error) {
      // What the database itself refuses is no edit.
      if (!(error instanceof Database.SqliteError)) throw error;
    } finally {
      db.exec('ROLLBACK');
    }
  }
  assert.deepEqual(missed, []);

  const [run = ''] = db.prepare<[], string>(`SELECT id FROM run`).pluck().all();
  const scores = join(project.paths.runs, run, 'scores.json');
  const honest = readFileSync(scores, 'utf8');
  writeFileSync(scores, honest.replace(/"mean": ?\d\.\d+/, '"mean":0.123'));
  assert.match(verify().problems[0]!.sentence, /other scores\.json/);
  writeFileSync(scores, honest);

  // Without what was stamped when files left the project, a log that is cut and looks whole is whole.
  writeFileSync(project.paths.stamps, '');
  db.exec('BEGIN');
  db.exec(`DELETE FROM audit WHERE kind = 'export'`);
  const { seq, hash } = db
    .prepare<[], { seq: number; hash: string }>(`SELECT seq, hash FROM audit ORDER BY seq DESC LIMIT 1`)
    .get()!;
  writeSetting(db, headKey, { entries: seq, head: hash });
  assert.ok(verify().ok);
});
