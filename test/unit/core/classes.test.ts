import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { verifyAudit } from '../../../src/core/audit/verify.ts';
import { addClass, mergeClass, removeClass, renameClass, reorderClasses } from '../../../src/core/classes/changes.ts';
import { liveClasses } from '../../../src/core/classes/log.ts';
import type { Project } from '../../../src/core/db/open.ts';
import { changeClasses, setLabels } from '../../../src/core/labels/labels.ts';
import { redo, stackOf, undo } from '../../../src/core/labels/undo.ts';
import { failsWith, importInto, picture, places, put } from './library-tools.ts';

async function flatProject(t: TestContext, count: number): Promise<Project> {
  const where = places(t);
  for (let i = 0; i < count; i++) put(where.images, `i${i}.png`, picture(i));
  return (await importInto(t, where)).project;
}

test('classes are renamed, merged, ordered and removed without touching a label, and all of it is undone', async (t) => {
  const project = await flatProject(t, 12);
  const { db } = project;
  const counted = (): [string, number][] =>
    db
      .prepare<[], { class: string; n: number }>(
        `SELECT class, count(*) AS n FROM counting_label GROUP BY class ORDER BY 1`,
      )
      .all()
      .map(({ class: name, n }) => [name, n]);
  const names = (): string[] => liveClasses(db).map(({ name }) => name);
  const idOf = (name: string): number => liveClasses(db).find((row) => row.name === name)!.id;
  const states: unknown[] = [];
  const act = (work: () => unknown): void => {
    states.push([names(), counted()]);
    work();
  };

  act(() => setLabels(db, 'ana', [1, 2, 3], { class: 'x' }));
  act(() => setLabels(db, 'ana', [4, 5], { class: 'y' }));
  act(() => changeClasses(db, 'ana', addClass(db, 'z')));
  act(() => changeClasses(db, 'ana', renameClass(db, idOf('x'), 'Xanthic')));
  assert.deepEqual(counted(), [['Xanthic', 3], ['y', 2]]); // prettier-ignore
  act(() => changeClasses(db, 'ana', mergeClass(db, idOf('y'), idOf('Xanthic'))));
  assert.deepEqual(counted(), [['Xanthic', 5]]);
  act(() => changeClasses(db, 'ana', mergeClass(db, idOf('Xanthic'), idOf('z'))));
  assert.deepEqual(counted(), [['z', 5]], 'what was merged before goes along');
  act(() => changeClasses(db, 'ana', addClass(db, 'y')));
  act(() => changeClasses(db, 'ana', reorderClasses(db, [idOf('y'), idOf('z')])));
  assert.deepEqual(names(), ['y', 'z']);
  act(() => changeClasses(db, 'ana', removeClass(db, idOf('z'))));
  assert.deepEqual(counted(), []);
  const end = [names(), counted()];

  assert.equal(stackOf(db, 'ana').undo?.kind, 'class.remove');
  for (const before of states.toReversed()) {
    undo(db, 'ana');
    assert.deepEqual([names(), counted()], before);
  }
  assert.throws(() => undo(db, 'ana'), failsWith('labels.nothingToUndo'));
  for (let i = 0; i < states.length; i++) redo(db, 'ana');
  assert.deepEqual([names(), counted()], end);
  assert.deepEqual(verifyAudit(project).problems, []);

  db.exec(`UPDATE class SET name = 'forged' WHERE removed = 0`);
  assert.match(verifyAudit(project).problems[0]!.sentence, /class forged is not the one in the log/);
});

test('a name belongs to one class at a time', async (t) => {
  const { db } = await flatProject(t, 4);
  setLabels(db, 'ana', [1], { class: 'x' });
  changeClasses(db, 'ana', addClass(db, ' y '));
  const [x, y] = liveClasses(db);
  assert.throws(() => addClass(db, 'x'), failsWith('classes.taken'));
  assert.throws(() => renameClass(db, y!.id, 'x'), failsWith('classes.taken'));
  changeClasses(db, 'ana', removeClass(db, x!.id));
  assert.throws(() => renameClass(db, x!.id, 'q'), failsWith('classes.unknown'));
  setLabels(db, 'ana', [2], { class: 'x' });
  assert.deepEqual(
    db.prepare(`SELECT image FROM counting_label`).pluck().all(),
    [2],
    'the new class of that name is not the removed one',
  );
});
