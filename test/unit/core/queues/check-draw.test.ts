import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import Database from 'better-sqlite3';
import type { Project } from '../../../../src/core/db/open.ts';
import { migrations } from '../../../../src/core/db/schema.ts';
import { sight } from '../../../../src/core/labels/visibility.ts';
import { checkDeck, noteDrawn } from '../../../../src/core/queues/check-draw.ts';
import { queueImages } from '../../../../src/core/queues/queues.ts';
import { sampleProject } from '../runs/sample-project.ts';

/** A project of which nothing was drawn yet, with the ids of its check images; its random orders are always the same. */
async function fresh(t: TestContext, images: number): Promise<{ project: Project; check: number[] }> {
  const { project, remove } = await sampleProject({ images });
  t.after(remove);
  // Thousands of draws need not outlive a power cut.
  project.db.pragma('synchronous = OFF');
  const check = project.db.prepare<[], number>(`SELECT id FROM image WHERE side = 'check'`).pluck().all();
  return { project: anew(project, 'always the same'), check };
}

/** The next `count` check images are brought, and everybody says something of those that were brought before. */
function draw(project: Project, count: number): number[] {
  const unsaid = project.db
    .prepare<[], { id: number; hash: string }>(
      `SELECT id, hash FROM image WHERE side = 'check' AND id NOT IN (SELECT image FROM check_draw)`,
    )
    .all();
  const deck = checkDeck(project, unsaid);
  noteDrawn(project.db, deck, count);
  return deck.cards.slice(0, count).map(({ image }) => image);
}

const probabilities = ({ db }: Project): Map<number, number> =>
  new Map(
    db
      .prepare<[], { image: number; probability: number }>(`SELECT image, probability FROM check_draw`)
      .all()
      .map(({ image, probability }) => [image, probability]),
  );

/** A model has named the images of the project: check image `at` is of the class `called` gives. */
function name({ db }: Project, check: readonly number[], called: (at: number) => number, state = 'done'): void {
  db.prepare(
    `INSERT OR IGNORE INTO run (id, kind, state, created_at, options, seconds, fraction)
     VALUES ('r', 'one-click', 'finished', '', '{}', 0, 1)`,
  ).run();
  const { lastInsertRowid: batch } = db
    .prepare(`INSERT INTO batch (run, arm, state, created_at, classes) VALUES ('r', 'plain', ?, '', '[]')`)
    .run(state);
  const add = db.prepare(
    `INSERT INTO prediction (batch, image, class, probability, second, p_second) VALUES (?, ?, ?, 1, 0, 0)`,
  );
  check.forEach((image, at) => add.run(batch, image, called(at)));
}

/** Nothing was drawn, and another project's random orders are used. */
function anew(project: Project, id: string): Project {
  project.db.exec(`DELETE FROM check_draw; DELETE FROM check_reach`);
  return { ...project, id } as Project;
}

const rare = (at: number): number => (at % 20 === 0 ? 2 : at % 5 === 1 ? 1 : 0);

test('before there is a model every image is as likely as any other, to the last digit, however they were brought', async (t) => {
  const { project, check } = await fresh(t, 500);
  for (const [count, drawn] of [
    [7, 7],
    [10, 17],
    [30, 47],
  ] as const) {
    draw(project, count);
    const all = [...probabilities(project).values()];
    assert.equal(all.length, drawn);
    assert.equal(new Set(all).size, 1);
    const spread = Math.sqrt((drawn * (check.length - drawn)) / check.length) / check.length;
    assert.ok(Math.abs(all[0]! - drawn / check.length) < 4 * spread, `${all[0]} of ${drawn}`);
  }
  draw(project, check.length - 47);
  assert.deepEqual(new Set(probabilities(project).values()), new Set([1]), 'all of them were drawn');
});

test('once a model exists, every second one is drawn so that predicted classes are equally many', async (t) => {
  const { project, check } = await fresh(t, 2000);
  name(project, check, rare);
  const worlds = 10;
  const even = [0, 0, 0];
  const byClass = [0, 0, 0];
  let brought: number[] = [];
  for (let world = 0; world < worlds; world++) {
    brought = draw(anew(project, `world ${world}`), 60);
    brought.forEach((image, turn) => (turn % 2 === 0 ? even : byClass)[rare(check.indexOf(image))]!++);
  }
  // 400 check images, 300 of class 0, 80 of class 1, 20 of class 2: of 300 as they come about 225 are of class 0.
  assert.ok(even[0]! > 195 && even[2]! < 40, `as they come: ${even.join()}`);
  assert.ok(Math.min(...byClass) >= 80, `equally many: ${byClass.join()}`);
  const chance = probabilities(project);
  const of = (index: number): number => chance.get(brought.find((image) => rare(check.indexOf(image)) === index)!)!;
  assert.ok(of(2) > 3 * of(0) && of(1) > of(0), `${of(0)} ${of(1)} ${of(2)}`);
});

test('a model that is still naming, or names another folder, tells no class', async (t) => {
  const { project, check } = await fresh(t, 300);
  name(project, check, rare, 'naming');
  name(project, check, rare);
  project.db.exec(`UPDATE batch SET folder = '/elsewhere' WHERE state = 'done'`);
  draw(project, 20);
  assert.equal(new Set(probabilities(project).values()).size, 1);
});

test('weighted by the inverse of what is written, every kind of image has its share, through a time without and two models', async (t) => {
  const { project: sample, check } = await fresh(t, 1000);
  const other = (at: number): number => (at % 10 === 0 ? 1 : 0);
  const kindOf = (image: number): string => `${rare(check.indexOf(image))} ${other(check.indexOf(image))}`;
  const truth = new Map<string, number>();
  for (const image of check) truth.set(kindOf(image), (truth.get(kindOf(image)) ?? 0) + 1);
  name(sample, check, rare, 'naming');
  name(sample, check, other, 'naming');
  const done = sample.db.prepare(`UPDATE batch SET state = 'done' WHERE id = ?`);
  const repeats = 150;
  const weighted = new Map<string, number>();
  const plain = new Map<string, number>();
  for (let i = 0; i < repeats; i++) {
    sample.db.exec(`UPDATE batch SET state = 'naming'`);
    const project = anew(sample, `world ${i}`);
    draw(project, 20);
    for (const batch of [1, 2]) {
      done.run(batch);
      for (let j = 0; j < 2; j++) draw(project, 20);
    }
    const chances = [...probabilities(project)];
    const total = chances.reduce((sum, [, probability]) => sum + 1 / probability, 0);
    for (const [image, probability] of chances) {
      const kind = kindOf(image);
      weighted.set(kind, (weighted.get(kind) ?? 0) + 1 / probability / total / repeats);
      plain.set(kind, (plain.get(kind) ?? 0) + 1 / chances.length / repeats);
    }
  }
  for (const [kind, images] of truth) {
    const [share, found] = [images / check.length, weighted.get(kind) ?? 0];
    assert.ok(Math.abs(found - share) < 0.01, `${kind}: ${found.toFixed(4)} of ${share}`);
  }
  assert.ok(plain.get('2 1')! > 1.8 * (truth.get('2 1')! / check.length), 'without weights rare ones are too many');
});

test('an image that was brought and left comes first the next time, and is not drawn twice', async (t) => {
  const { project, check } = await fresh(t, 300);
  const unsaid = check.map((id) => ({
    id,
    hash: String(project.db.prepare(`SELECT hash FROM image WHERE id = ?`).pluck().get(id)),
  }));
  const first = checkDeck(project, unsaid);
  noteDrawn(project.db, first, 6);
  const [left, ...said] = first.cards.slice(0, 6).map(({ image }) => image);
  name(project, check, rare);
  const again = checkDeck(
    project,
    unsaid.filter(({ id }) => !said.includes(id)),
  );
  assert.equal(again.cards[0]!.image, left);
  const before = probabilities(project);
  noteDrawn(project.db, again, 1);
  assert.deepEqual(probabilities(project), before, 'nothing new was drawn');
  noteDrawn(project.db, again, 3);
  assert.equal(probabilities(project).size, 8);
  assert.equal(new Set(again.cards).size, check.length - 5, 'every image once');
});

test('the queue draws what it brings of check images, once, and never for a project that is only looked at', async (t) => {
  const { project, check } = await fresh(t, 300);
  project.db.exec(`DELETE FROM label`);
  const ask = (from: Project): ReturnType<typeof queueImages> =>
    queueImages(from, sight(project.db, 'ana'), 'suggested', 12);
  await ask({ ...project, readOnly: true } as Project);
  assert.equal(probabilities(project).size, 0);
  const ids = [...(await ask(project)).ids!];
  const brought = ids.filter((image) => check.includes(image));
  assert.ok(brought.length > 0);
  assert.deepEqual([...probabilities(project).keys()].sort(), [...brought].sort());
  const again = [...(await ask(project)).ids!];
  assert.deepEqual(again, ids);
  assert.equal(probabilities(project).size, brought.length);
});

test('chances that an older version wrote become what they were: the same for all', () => {
  const db = new Database(':memory:');
  const [first, second, third] = migrations;
  db.exec(first!.sql);
  db.exec(second!.sql);
  const image = db.prepare(
    `INSERT INTO image (role, file, state, bytes, modified, side) VALUES ('main', ?, 'ok', 1, 0, ?)`,
  );
  for (let i = 0; i < 50; i++) image.run(String(i), i < 20 ? 'check' : 'training');
  const drawn = db.prepare(`INSERT INTO check_draw (image, time, probability) VALUES (?, '', ?)`);
  for (let i = 1; i <= 5; i++) drawn.run(i, i / 20);
  db.exec(third!.sql);
  assert.deepEqual(db.prepare(`SELECT DISTINCT probability FROM check_draw`).pluck().all(), [0.25]);
  db.close();
});
