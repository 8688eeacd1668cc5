import assert from 'node:assert/strict';
import { test } from 'node:test';
import { imageDetailsSchema } from '../../../../src/contract/view.ts';
import { setLabels, setNote } from '../../../../src/core/labels/labels.ts';
import { imageDetails } from '../../../../src/core/library/details.ts';
import { searchImages } from '../../../../src/core/library/search.ts';
import { failsWith } from '../library-tools.ts';
import { library } from '../views/tools.ts';

const never = new AbortController().signal;

test('what is known of an image, and what a blind rater gets of it', async (t) => {
  const project = await library(t);
  const { db } = project;
  const id = Number(db.prepare(`SELECT id FROM image WHERE side = 'check' ORDER BY id LIMIT 1`).pluck().get());
  const details = (rater: string) => imageDetailsSchema.parse(imageDetails(project, rater, id, []));
  setLabels(db, 'ana', [id], { class: 'Monocyte' });
  setNote(db, 'ana', id, 'two nuclei');
  db.prepare(`INSERT INTO run (id, kind, state, created_at) VALUES ('r', 'one-click', 'finished', '')`).run();
  db.prepare(
    `INSERT INTO batch (id, run, arm, state, created_at, classes) VALUES (1, 'r', 'plain', 'done', '', '["Monocyte","Lymphocyte"]')`,
  ).run();
  db.prepare(
    `INSERT INTO prediction (batch, image, class, probability, second, p_second) VALUES (1, ?, 1, 0.7, 0, 0.2)`,
  ).run(id);

  const ana = details('ana');
  assert.match(ana.file, /^P\d_\d\d\.png$/);
  assert.deepEqual([ana.width, ana.height, ana.type, ana.check, ana.note], [16, 16, 'png', true, 'two nuclei']);
  assert.equal(ana.group, ana.file.slice(1, 2));
  assert.deepEqual(
    ana.history.map(({ rater, kind, class: name, text }) => [rater, kind, name, text]),
    [
      ['ana', 'class', 'Monocyte', null],
      ['ana', 'note', null, 'two nuclei'],
    ],
  );
  assert.deepEqual(ana.prediction, { class: 'Lymphocyte', probability: 0.7, second: 'Monocyte', pSecond: 0.2 });

  const ben = details('ben');
  assert.deepEqual([ben.check, ben.prediction], [false, null], 'a check image is asked about, not told about');
  db.prepare(`INSERT INTO blind_session (rater, other, started_at) VALUES ('ben', 'ana', '')`).run();
  const blind = details('ben');
  assert.deepEqual([blind.file, blind.group, blind.note, blind.history, blind.prediction], ['', null, '', [], null]);
  assert.ok(!JSON.stringify(blind).includes('ana'));
  assert.deepEqual(await searchImages(project, { rater: 'ben', text: 'P1', most: 5 }, never), []);
  assert.throws(() => imageDetails(project, 'ana', 9999, []), failsWith('image.unknown'));
});

test('an image is found by its name or a part of it', async (t) => {
  const project = await library(t);
  const find = async (text: string, most = 20) =>
    (await searchImages(project, { rater: 'ana', text, most }, never)).map(({ file }) => file);
  assert.deepEqual(await find('P1_04.png'), ['P1_04.png']);
  assert.deepEqual(await find('_04'), ['P1_04.png']);
  assert.equal((await find('p2_')).length, 5);
  assert.equal((await find('P', 7)).length, 7);
  assert.deepEqual(await find('P_'), [], 'an underscore is an underscore');
});
