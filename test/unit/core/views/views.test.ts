import assert from 'node:assert/strict';
import { test } from 'node:test';
import { NO_CLASS } from '../../../../src/contract/view.ts';
import { setLabels, setNote } from '../../../../src/core/labels/labels.ts';
import { heldView, imagesAt } from '../../../../src/core/views/held.ts';
import { keyText } from '../../../../src/core/thumbnails/keys.ts';
import { imagesChanged } from '../../../../src/core/views/stamps.ts';
import { failsWith } from '../library-tools.ts';
import { facetsFor, fileOf, library, openFor } from './tools.ts';

test('the whole library, in the order it was added, with keys, colours and shapes', async (t) => {
  const project = await library(t);
  const { count, labelled, ids, tiles, starts } = await openFor(project, 'ana');
  assert.deepEqual([count, labelled, starts.length], [20, 0, 0]);
  assert.deepEqual(
    ids,
    [...ids].sort((a, b) => a - b),
  );
  const row = project.db.prepare(`SELECT red, green, blue FROM image WHERE id = ?`).get(ids[3]!) as Record<
    string,
    number
  >;
  assert.deepEqual(
    tiles[3]!.colour,
    [row['red'], row['green'], row['blue']].map((value) => Math.floor(value!)),
  );
  assert.equal(tiles[3]!.key, keyText(project.id, ids[3]!));
  assert.notEqual(tiles[3]!.key, tiles[4]!.key);
  assert.deepEqual([tiles[3]!.shape, tiles[3]!.class, tiles[3]!.predicted], [128, NO_CLASS, NO_CLASS]);
});

test('filters are held together across kinds and apart within one, and counts follow the other filters', async (t) => {
  const project = await library(t);
  const { ids } = await openFor(project, 'ana');
  setLabels(project.db, 'ana', ids.slice(0, 6), { class: 'Neutrophil' });
  setLabels(project.db, 'ana', ids.slice(6, 8), { class: 'Monocyte' });
  setLabels(project.db, 'ana', [ids[8]!], { mark: 'none' });
  setLabels(project.db, 'ana', [ids[9]!], { mark: 'unsure' });
  setNote(project.db, 'ana', ids[0]!, 'smudged');
  const classes = new Map(
    (project.db.prepare(`SELECT id, name FROM class`).all() as { id: number; name: string }[]).map(({ id, name }) => [
      name,
      id,
    ]),
  );
  const [neutrophil, monocyte] = [classes.get('Neutrophil')!, classes.get('Monocyte')!];
  const open = (filter: object) => openFor(project, 'ana', { filter });
  assert.deepEqual((await open({ classes: [neutrophil, monocyte] })).ids, ids.slice(0, 8));
  assert.deepEqual((await open({ classes: [monocyte], labelled: true })).ids, ids.slice(6, 8));
  assert.equal((await open({ labelled: true })).count, 9);
  assert.equal((await open({ labelled: false })).count, 11);
  assert.deepEqual((await open({ marks: ['none', 'unsure'] })).ids, ids.slice(8, 10));
  assert.deepEqual((await open({ note: true })).ids, [ids[0]]);
  assert.deepEqual((await open({ text: 'smudge' })).ids, [ids[0]]);
  assert.deepEqual(
    (await open({ text: 'P2_' })).tiles.map(({ id }) => fileOf(project, id).slice(0, 3)),
    Array(5).fill('P2_'),
  );
  assert.equal((await open({ text: '%' })).count, 0, 'a percent sign is a percent sign');
  assert.equal((await open({ groups: ['1', '2'] })).count, 10);
  assert.deepEqual((await open({ ids: [ids[4], ids[2]] })).ids, [ids[2], ids[4]]);
  assert.equal((await open({ raters: ['ben'] })).count, 0);

  const facets = await facetsFor(project, 'ana', { filter: { classes: [neutrophil], groups: ['1'] } });
  const inGroup = (id: number): boolean => fileOf(project, id).startsWith('P1_');
  assert.deepEqual(facets.classes, [
    { id: neutrophil, count: ids.slice(0, 6).filter(inGroup).length },
    ...(ids.slice(6, 8).some(inGroup) ? [{ id: monocyte, count: ids.slice(6, 8).filter(inGroup).length }] : []),
  ]);
  assert.equal(
    facets.groups.reduce((sum, { count }) => sum + count, 0),
    6,
    'groups are counted under the class',
  );
  assert.equal(facets.labelled, ids.slice(0, 6).filter(inGroup).length);
});

test('sorted by name, grouped by patient, and found again', async (t) => {
  const project = await library(t);
  const byName = await openFor(project, 'ana', { sort: 'name' });
  const names = byName.ids.map((id) => fileOf(project, id));
  assert.deepEqual(names, names.toSorted());
  project.db.prepare(`UPDATE image SET file = 'p2_x3.png' WHERE id = ?`).run(byName.ids[0]!);
  project.db.prepare(`UPDATE image SET file = 'P2_x20.png' WHERE id = ?`).run(byName.ids[1]!);
  imagesChanged(project.db);
  const natural = await openFor(project, 'ana', { sort: 'name', filter: { text: '_x' } });
  assert.deepEqual(natural.ids, byName.ids.slice(0, 2), '3 comes before 20, whatever the case');
  const grouped = await openFor(project, 'ana', { groupBy: 'group' });
  assert.deepEqual(grouped.starts, [0, 5, 10, 15]);
  assert.deepEqual(heldView(project, 'ana', grouped.view).names, ['1', '2', '3', '4']);
  assert.ok(grouped.ids.slice(5, 10).every((id) => fileOf(project, id).startsWith('P2_')));
  assert.deepEqual(
    imagesAt(project, 'ana', grouped.view, [
      [0, 2],
      [19, 40],
    ]),
    [...grouped.ids.slice(0, 2), grouped.ids[19]],
  );
});

test('a view stays as it is until it is opened anew, and is its rater’s alone', async (t) => {
  const project = await library(t);
  const unlabelled = await openFor(project, 'ana', { filter: { labelled: false } });
  setLabels(project.db, 'ana', unlabelled.ids.slice(0, 5), { class: 'Monocyte' });
  assert.equal(heldView(project, 'ana', unlabelled.view).ids.length, 20);
  assert.equal((await openFor(project, 'ana', { filter: { labelled: false } })).count, 15);
  assert.throws(() => heldView(project, 'ben', unlabelled.view), failsWith('view.unknown'));
  for (let i = 0; i < 50; i++) await openFor(project, 'ana');
  assert.throws(() => heldView(project, 'ana', unlabelled.view), failsWith('view.unknown'), 'old views are dropped');
});

test('what others say: theirs counts where the rater says nothing, a disagreement is marked, a joint decision stands', async (t) => {
  const project = await library(t);
  const { ids } = await openFor(project, 'ana');
  setLabels(project.db, 'ben', ids.slice(0, 3), { class: 'Monocyte' });
  setLabels(project.db, 'ana', [ids[1]!], { class: 'Lymphocyte' });
  setLabels(project.db, 'ana', [ids[2]!], { class: 'Lymphocyte' });
  setLabels(project.db, 'joint', [ids[2]!], { class: 'Monocyte' });
  const [first, second, third] = (await openFor(project, 'ana')).tiles;
  const id = (name: string) => Number(project.db.prepare(`SELECT id FROM class WHERE name = ?`).pluck().get(name));
  assert.deepEqual([first!.class, first!.flags.includes('disagreement')], [id('Monocyte'), false]);
  assert.deepEqual([second!.class, second!.flags.includes('disagreement')], [id('Lymphocyte'), true]);
  assert.deepEqual([third!.class, third!.flags.includes('joint')], [id('Monocyte'), true]);
  assert.ok(!third!.flags.includes('disagreement'));
});

test('a check image is known as one only once the rater has labelled it', async (t) => {
  const project = await library(t);
  const checks = project.db.prepare(`SELECT id FROM image WHERE side = 'check' ORDER BY id`).pluck().all() as number[];
  assert.ok(checks.length > 0);
  setLabels(project.db, 'ben', [checks[0]!], { class: 'Monocyte' });
  const marked = async (rater: string) =>
    (await openFor(project, rater)).tiles.filter(({ flags }) => flags.includes('check')).map(({ id }) => id);
  assert.deepEqual(await marked('ana'), []);
  assert.deepEqual(await marked('ben'), [checks[0]]);
  assert.equal((await openFor(project, 'ana', { filter: { check: true } })).count, 0);
  assert.equal((await facetsFor(project, 'ben')).check, 1);
});
