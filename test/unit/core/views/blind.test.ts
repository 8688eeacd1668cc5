import assert from 'node:assert/strict';
import { test } from 'node:test';
import { NO_CLASS } from '../../../../src/contract/view.ts';
import { setLabels, setNote } from '../../../../src/core/labels/labels.ts';
import { facetsFor, library, openFor } from './tools.ts';

test('in a blind session nothing of others leaves core', async (t) => {
  const project = await library(t);
  const { db } = project;
  const { ids } = await openFor(project, 'ana');
  setLabels(db, 'ana', ids.slice(0, 10), { class: 'Monocyte' });
  setNote(db, 'ana', ids[11]!, 'seen by Ana');
  setLabels(db, 'joint', [ids[12]!], { class: 'Monocyte' });
  setLabels(db, 'ben', [ids[0]!], { class: 'Lymphocyte' });
  db.prepare(`INSERT INTO run (id, kind, state, created_at) VALUES ('r', 'one-click', 'finished', '')`).run();
  db.prepare(
    `INSERT INTO batch (id, run, arm, state, created_at, classes) VALUES (1, 'r', 'plain', 'done', '', '["Monocyte"]')`,
  ).run();
  for (const id of ids)
    db.prepare(
      `INSERT INTO prediction (batch, image, class, probability, second, p_second) VALUES (1, ?, 0, 0.9, 0, 0.1)`,
    ).run(id);
  const monocyte = Number(db.prepare(`SELECT id FROM class WHERE name = 'Monocyte'`).pluck().get());
  const open = await openFor(project, 'ben');
  assert.equal(open.tiles.filter(({ class: id }) => id === monocyte).length, 10, 'before, the labels of Ana are shown');
  assert.equal(open.tiles[0]!.predicted, monocyte);

  db.prepare(`INSERT INTO blind_session (rater, other, started_at) VALUES ('ben', 'ana', '')`).run();
  const blind = await openFor(project, 'ben', { groupBy: 'group', sort: 'name' });
  assert.equal(blind.count, 20);
  assert.equal(blind.labelled, 1);
  assert.deepEqual(blind.starts, [], 'no groups');
  for (const tile of blind.tiles) {
    assert.equal(tile.predicted, NO_CLASS);
    assert.equal(tile.probability, 0);
    if (tile.id !== ids[0])
      assert.deepEqual([tile.class, tile.flags.filter((flag) => flag !== 'check')], [NO_CLASS, []]);
  }
  const names = blind.ids.map((id) => ids.indexOf(id));
  assert.notDeepEqual(
    names,
    names.toSorted((a, b) => a - b),
    'the order of files says something of classes',
  );
  assert.equal((await openFor(project, 'ben', { filter: { classes: [monocyte] } })).count, 0);
  for (const filter of [{ text: 'P1_' }, { groups: ['1'] }, { predicted: [] }, { raters: ['ana'] }]) {
    assert.equal((await openFor(project, 'ben', { filter })).count, 20, `${JSON.stringify(filter)} tells nothing`);
  }
  const facets = await facetsFor(project, 'ben');
  assert.deepEqual([facets.groups, facets.predicted, facets.notes, facets.labelled], [[], [], 0, 1]);
  assert.equal(
    (await openFor(project, 'ben', { source: { kind: 'review', batch: 1, called: null, part: 'all' } })).count,
    0,
  );

  db.prepare(`UPDATE blind_session SET ended_at = 'now'`).run();
  assert.equal((await facetsFor(project, 'ben')).notes, 1);
});
