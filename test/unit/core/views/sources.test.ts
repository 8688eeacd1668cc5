import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { Scored } from '../../../../src/contract/run-files.ts';
import type { ViewSource } from '../../../../src/contract/view.ts';
import type { Project } from '../../../../src/core/db/open.ts';
import { setLabels } from '../../../../src/core/labels/labels.ts';
import { failsWith } from '../library-tools.ts';
import { library, openFor } from './tools.ts';

const addRun = (project: Project): void =>
  void project.db
    .prepare(`INSERT INTO run (id, kind, state, created_at) VALUES ('r1', 'one-click', 'finished', '')`)
    .run();

test('the images behind a cell of the confusion matrix, least sure first', async (t) => {
  const project = await library(t);
  addRun(project);
  const { ids } = await openFor(project, 'ana');
  const one = (image: number, truth: number, plain: number, adapted: number, probability: number) => ({
    image,
    class: truth,
    cluster: image,
    plain: { called: plain, probability },
    adapted: { called: adapted, probability },
  });
  const scored: Scored = {
    version: 1,
    images: [
      one(ids[0]!, 0, 1, 0, 0.9),
      one(ids[1]!, 0, 1, 1, 0.6),
      one(ids[2]!, 0, 0, 0, 0.7),
      one(ids[3]!, 1, 1, 1, 0.5),
    ],
  };
  mkdirSync(join(project.paths.runs, 'r1'), { recursive: true });
  writeFileSync(join(project.paths.runs, 'r1', 'scored.json'), JSON.stringify(scored));
  const cell = async (more: Partial<Extract<ViewSource, { kind: 'scored' }>>) =>
    (
      await openFor(project, 'ana', {
        source: { kind: 'scored', run: 'r1', arm: 'plain', truth: null, called: null, correct: null, ...more },
      })
    ).ids;
  assert.deepEqual(await cell({ truth: 0, called: 1 }), [ids[1], ids[0]]);
  assert.deepEqual(
    await cell({ truth: 1, called: 1, either: true }),
    [ids[3], ids[1], ids[0]],
    'of a class or called so',
  );
  assert.deepEqual(await cell({ truth: 0, called: 0, either: true }), [ids[1], ids[2], ids[0]]);
  assert.deepEqual(await cell({ correct: true }), [ids[3], ids[2]]);
  assert.deepEqual(await cell({ arm: 'adapted', correct: 'only' }), [ids[0]]);
  assert.deepEqual(await cell({ arm: 'plain', correct: 'only' }), []);
  assert.deepEqual(await cell({ arm: 'plain', correct: 'either' }), [ids[0]]);
  assert.equal((await cell({})).length, 4);
  await assert.rejects(cell({ run: '../r1' }), failsWith('run.noResults'));
  await assert.rejects(cell({ run: 'r2' }), failsWith('run.noResults'));
});

test('review: below its threshold and not seen by anybody, least sure first, by class and by group', async (t) => {
  const project = await library(t);
  const { db } = project;
  addRun(project);
  const { ids } = await openFor(project, 'ana');
  db.prepare(
    `INSERT INTO batch (id, run, arm, state, created_at, classes, threshold, thresholds)
     VALUES (1, 'r1', 'plain', 'done', '', '["Monocyte", "Lymphocyte"]', 0.8, '{"Lymphocyte": 0.5}')`,
  ).run();
  const name = db.prepare(
    `INSERT INTO prediction (batch, image, class, probability, second, p_second) VALUES (1, ?, ?, ?, 1, 0.1)`,
  );
  ids.slice(0, 8).forEach((id, i) => name.run(id, i % 2, 0.9 - i * 0.05));
  // Monocytes: 0.9 0.8 0.7 0.6; lymphocytes: 0.85 0.75 0.65 0.55.
  const review = async (more: object) =>
    (await openFor(project, 'ana', { source: { kind: 'review', batch: 1, called: null, part: 'to-review', ...more } }))
      .ids;
  assert.deepEqual(await review({}), [ids[6], ids[4]]);
  assert.deepEqual(await review({ called: 1 }), []);
  assert.equal((await review({ part: 'named' })).length, 6);
  assert.equal((await review({ part: 'all' })).length, 8);
  const inGroup = (await review({ part: 'all', group: '1' })).map((id) => ids.indexOf(id));
  assert.deepEqual(
    inGroup.toSorted((a, b) => a - b),
    [0, 1, 2, 3, 4],
  );
  await assert.rejects(review({ batch: 7 }), failsWith('batch.unknown'));
  setLabels(db, 'ana', [ids[6]!], { class: 'Monocyte' });
  assert.deepEqual(await review({}), [ids[4]]);
  assert.deepEqual(await review({ part: 'reviewed' }), [ids[6]]);

  const monocyte = Number(db.prepare(`SELECT id FROM class WHERE name = 'Monocyte'`).pluck().get());
  const { tiles } = await openFor(project, 'ana', { source: { kind: 'review', batch: 1, called: 0, part: 'all' } });
  assert.ok(tiles.every(({ predicted }) => predicted === monocyte));
  assert.deepEqual(
    tiles.map(({ probability }) => probability),
    [0.6, 0.7, 0.8, 0.9].map((value) => Math.round(value * 255)),
  );
  const uncertain = await openFor(project, 'ana', { sort: 'uncertain' });
  assert.deepEqual(uncertain.ids.slice(0, 3), [ids[7], ids[6], ids[5]]);
  assert.equal(uncertain.count, 20, 'what no model named comes last');
  assert.equal((await openFor(project, 'ana', { filter: { probabilityBelow: 0.7 } })).count, 4);
  assert.equal((await openFor(project, 'ana', { filter: { predicted: [monocyte] } })).count, 4);
});

test('a hundred thousand groups', async (t) => {
  const project = await library(t);
  project.db.exec(`
    WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 100000)
      INSERT INTO image_group (id, name, side) SELECT i + 100, 'slide ' || i, 'training' FROM n;
    WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 200000)
      INSERT INTO image (role, file, state, bytes, modified, group_id, side)
      SELECT 'main', 'big/' || i, 'ok', 1, 1, i % 100000 + 101, 'training' FROM n;
  `);
  const { count, starts } = await openFor(project, 'ana', { groupBy: 'group' });
  assert.deepEqual([count, starts.length], [200_020, 100_004]);
  starts.slice(5).forEach((start, i) => assert.equal(start - starts[i + 4]!, 2));
});
