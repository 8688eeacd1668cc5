import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { openProject, type Project } from '../../../src/core/db/open.ts';
import { csvCell, unguarded } from '../../../src/files/csv.ts';
import { exportLabels } from '../../../src/core/labels/export.ts';
import { setLabels, setNote } from '../../../src/core/labels/labels.ts';
import { redo, undo } from '../../../src/core/labels/undo.ts';
import { agreementOf } from '../../../src/core/raters/agreement.ts';
import { openDisagreements } from '../../../src/core/raters/disagreements.ts';
import { readLabelTable } from '../../../src/core/library/label-file.ts';
import { generator } from '../../../src/engine/data/random.ts';
import { failsWith, importInto, picture, places, put } from './library-tools.ts';

async function flatProject(t: TestContext, count: number): Promise<Project> {
  const where = places(t);
  for (let i = 0; i < count; i++) put(where.images, `i${i}.png`, picture(i));
  return (await importInto(t, where)).project;
}

const labelOf = ({ db }: Project, image: number, rater: string): unknown =>
  db.prepare(`SELECT ifnull(class, kind) FROM label WHERE image = ? AND rater = ?`).pluck().get(image, rater) ?? null;
const counting = ({ db }: Project): Record<number, string> =>
  Object.fromEntries(
    db
      .prepare<[], { image: number; class: string }>(`SELECT image, class FROM counting_label ORDER BY image`)
      .all()
      .map(({ image, class: name }) => [image, name]),
  );

test('undo and redo take whole acts, per rater, and survive a restart', async (t) => {
  const project = await flatProject(t, 6);
  const { db, folder } = project;
  setLabels(db, 'ana', [1, 2, 3], { class: 'x' });
  setLabels(db, 'bo', [1], { class: 'z' });
  setLabels(db, 'ana', [2, 4], { class: 'y' });
  setNote(db, 'ana', 2, 'blurred');
  assert.deepEqual(undo(db, 'ana').images, 1);
  assert.equal(db.prepare(`SELECT count(*) FROM note`).pluck().get(), 0);
  assert.equal(undo(db, 'ana').images, 2);
  assert.deepEqual(
    [2, 4].map((id) => labelOf(project, id, 'ana')),
    ['x', null],
  );
  project.close();

  const again = await openProject(folder);
  t.after(() => again.close());
  assert.equal(redo(again.db, 'ana').images, 2);
  assert.deepEqual(
    [2, 4].map((id) => labelOf(again, id, 'ana')),
    ['y', 'y'],
  );
  redo(again.db, 'ana');
  assert.equal(again.db.prepare(`SELECT text FROM note WHERE image = 2`).pluck().get(), 'blurred');
  assert.throws(() => redo(again.db, 'ana'), failsWith('labels.nothingToRedo'));
  for (let i = 0; i < 3; i++) undo(again.db, 'ana');
  assert.throws(() => undo(again.db, 'ana'), failsWith('labels.nothingToUndo'));
  assert.deepEqual(
    [1, 2, 3, 4].map((id) => labelOf(again, id, 'ana')),
    [null, null, null, null],
  );
  assert.equal(labelOf(again, 1, 'bo'), 'z', 'another rater is not touched');
  redo(again.db, 'ana');
  setLabels(again.db, 'ana', [5], { mark: 'unsure' });
  assert.throws(() => redo(again.db, 'ana'), failsWith('labels.nothingToRedo'), 'a new act ends redoing');
});

test('any mix of acts, undos and redos equals the acts that stand', async (t) => {
  const project = await flatProject(t, 8);
  const { db } = project;
  const random = generator(3, 'acts');
  const done: Map<number, string | null>[] = [];
  let undone: Map<number, string | null>[] = [];
  for (let i = 0; i < 150; i++) {
    const kind = random.below(4);
    if (kind < 2) {
      const images = [1 + random.below(8), 1 + random.below(8)];
      const value = random.below(5);
      const name = value < 3 ? `c${value}` : value === 3 ? 'skip' : null;
      setLabels(db, 'ana', images, value < 3 ? { class: `c${value}` } : { mark: value === 3 ? 'skip' : 'clear' });
      done.push(new Map(images.map((image) => [image, name])));
      undone = [];
    } else if (kind === 2 && done.length) {
      undo(db, 'ana');
      undone.push(done.pop()!);
    } else if (kind === 3 && undone.length) {
      redo(db, 'ana');
      done.push(undone.pop()!);
    }
    const expected = new Map<number, string | null>();
    for (const act of done) for (const [image, name] of act) expected.set(image, name);
    for (let image = 1; image <= 8; image++) assert.equal(labelOf(project, image, 'ana'), expected.get(image) ?? null);
  }
});

test('a joint decision counts, else the single or agreeing label; open disagreements count for nothing', async (t) => {
  const project = await flatProject(t, 10);
  const { db } = project;
  setLabels(db, 'ana', [1, 2, 3, 4, 5], { class: 'x' });
  setLabels(db, 'bo', [2, 7], { class: 'x' });
  setLabels(db, 'bo', [3, 4], { class: 'y' });
  setLabels(db, 'joint', [4], { class: 'y' });
  setLabels(db, 'bo', [5], { mark: 'none' });
  setLabels(db, 'ana', [6], { mark: 'unsure' });
  setLabels(db, 'bo', [1], { mark: 'skip' });
  assert.deepEqual(counting(project), { 1: 'x', 2: 'x', 4: 'y', 7: 'x' });
  assert.deepEqual(openDisagreements(db), [3, 5]);
  setLabels(db, 'joint', [2], { mark: 'none' });
  assert.ok(!(2 in counting(project)), 'a joint "none of these" stands against agreeing labels');
  undo(db, 'joint');
  assert.equal(counting(project)[2], 'x');
  const both = agreementOf(db, ['ana', 'bo']);
  assert.deepEqual([both.images, both.agreed], [4, 1]);
});

test('the log is append-only, and labels of unknown or adaptation-only images are refused', async (t) => {
  const where = places(t);
  for (let i = 0; i < 4; i++) put(where.images, `i${i}.png`, picture(i));
  put(where.images, '../more/m.png', picture(50));
  const { project } = await importInto(t, where, { unlabelled: [`${where.images}/../more`] });
  const { db } = project;
  setLabels(db, 'ana', [1], { class: 'x' });
  assert.throws(() => db.exec(`DELETE FROM label_event`), /append-only/);
  assert.throws(() => db.exec(`UPDATE label_event SET class = 'y'`), /append-only/);
  assert.throws(() => setLabels(db, 'ana', [1, 99], { class: 'y' }), failsWith('labels.unknownImage'));
  const extra = Number(db.prepare(`SELECT id FROM image WHERE role = 'adapt-only'`).pluck().get());
  assert.throws(() => setLabels(db, 'ana', [extra], { class: 'y' }), failsWith('labels.adaptOnly'));
  assert.equal(labelOf(project, 1, 'ana'), 'x', 'nothing of a refused act is kept');
});

test('a cell that a spreadsheet would run is guarded, and every text comes back', () => {
  const cells = ['=1+1', '+x', '-5', '@sum', '\tx', 'a=b', "'=x", "''-", "'x", ''];
  const guarded = cells.map((cell) => csvCell(cell));
  assert.deepEqual(guarded, ["'=1+1", "'+x", "'-5", "'@sum", "'\tx", 'a=b', "''=x", "'''-", "'x", '']);
  assert.deepEqual(guarded.map(unguarded), cells);
  assert.equal(csvCell('a,"b'), '"a,""b"');
});

test('exported labels come back as they were', async (t) => {
  const where = places(t);
  for (let i = 0; i < 6; i++) put(where.images, `s p/i${i}.png`, picture(i));
  const first = (await importInto(t, where, { layout: 'flat' })).project;
  setLabels(first.db, 'ana', [1, 2], { class: '=evil()' });
  setLabels(first.db, 'ana', [3], { class: 'big, "red"' });
  setLabels(first.db, 'bo', [3], { class: '=evil()' });
  setLabels(first.db, 'bo', [4], { mark: 'none' });
  setLabels(first.db, 'ana', [5], { mark: 'unsure' });
  setNote(first.db, 'ana', 1, 'looks\nodd');
  const out = (name: string): string => join(where.images, '..', name);
  assert.equal(await exportLabels(first, out('labels.csv'), 'csv'), 6);
  assert.equal(await exportLabels(first, out('labels.tsv'), 'csv'), 6);
  assert.equal(await exportLabels(first, out('list.txt'), 'list'), 2);
  assert.match(readFileSync(out('labels.csv'), 'utf8'), /'=evil\(\)/);
  assert.deepEqual(readLabelTable(out('labels.tsv')).rows, readLabelTable(out('labels.csv')).rows);
  await assert.rejects(exportLabels(first, join(where.images, 'x.csv'), 'csv'), failsWith('export.insideImages'));
  await assert.rejects(exportLabels(first, out('no/x.csv'), 'csv'), failsWith('export.unwritable'));
  assert.ok(!existsSync(join(where.images, 'x.csv')));
  const view = ({ db }: Project): unknown =>
    db
      .prepare(
        `SELECT file, rater, label.kind, label.class FROM label JOIN image ON id = image
                WHERE label.kind IN ('class', 'none') ORDER BY file, rater`,
      )
      .all();
  const second = await importInto(t, { ...where, project: `${where.project}2` }, { labels: out('labels.csv') });
  assert.deepEqual(view(second.project), view(first));
  const third = await importInto(t, { ...where, project: `${where.project}3` }, { labels: out('list.txt') });
  assert.deepEqual(counting(third.project), counting(first));
});

test('importing again writes no label twice and keeps what was corrected by hand', async (t) => {
  const where = places(t);
  for (let i = 0; i < 8; i++) put(where.images, `${i % 2 ? 'a' : 'b'}/i${i}.png`, picture(i));
  const { project } = await importInto(t, where);
  const { db, folder } = project;
  const image = Number(db.prepare(`SELECT id FROM image WHERE file = 'a/i1.png'`).pluck().get());
  setLabels(db, 'imported', [image], { class: 'b' });
  const events = db.prepare(`SELECT count(*) FROM label_event`).pluck().get();
  project.close();
  const { project: again } = await importInto(t, { ...where, project: folder });
  assert.equal(again.db.prepare(`SELECT count(*) FROM label_event`).pluck().get(), events);
  assert.equal(labelOf(again, image, 'imported'), 'b');
});
