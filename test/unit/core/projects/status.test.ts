import './settings-home.ts';
import assert from 'node:assert/strict';
import { mkdirSync, renameSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { projectStatusSchema } from '../../../../src/contract/project.ts';
import type { ProjectStatus } from '../../../../src/contract/project.ts';
import { closeProjects, useProject } from '../../../../src/core/db/projects.ts';
import { setLabels } from '../../../../src/core/labels/labels.ts';
import { undo } from '../../../../src/core/labels/undo.ts';
import { writeBatch } from '../../../../src/core/labels/log.ts';
import { onChanged, setScanning } from '../../../../src/core/projects/board.ts';
import { statusOf } from '../../../../src/core/projects/status.ts';
import { changeState, insertRun } from '../../../../src/core/runs/rows.ts';
import type { Project } from '../../../../src/core/db/open.ts';
import { fill, importInto, places } from '../library-tools.ts';

after(() => closeProjects());

/** Numbers of the training and the check side, for labelling by hand. */
function sides({ db }: Project): { training: number[]; check: number[] } {
  const of = (side: string): number[] =>
    db.prepare(`SELECT id FROM image WHERE side = ? ORDER BY id`).pluck().all(side) as number[];
  return { training: of('training'), check: of('check') };
}
const status = async (project: Project, rater = 'ana'): Promise<ProjectStatus> =>
  projectStatusSchema.parse(await statusOf(project, rater));

test('from no classes to few labels to ready, counted on the training side alone', async (t) => {
  const where = places(t);
  fill(where.images, ['x'], 60);
  const { project } = await importInto(t, where, { layout: 'flat' });
  const { training, check } = sides(project);
  assert.equal((await status(project)).state, 'no-classes');
  setLabels(project.db, 'ana', training.slice(0, 5), { class: 'Monocyte' });
  setLabels(project.db, 'ana', check.slice(0, 5), { class: 'Neutrophil' });
  const few = await status(project);
  assert.equal(few.state, 'few-labels');
  const neutrophil = few.classes.find(({ name }) => name === 'Neutrophil');
  assert.deepEqual([neutrophil?.training, neutrophil?.check], [0, 5]);
  assert.deepEqual(few.missing, [{ class: neutrophil?.id, labels: 0, needed: 5 }]);
  assert.deepEqual([few.labels, few.checkLabels], [10, 5]);
  assert.equal(few.advice[0]?.code, 'labels.few');
  setLabels(project.db, 'ana', training.slice(5, 10), { class: 'Neutrophil' });
  const ready = await status(project);
  assert.equal(ready.state, 'ready');
  assert.deepEqual(
    ready.advice.map(({ code }) => code),
    ['labels.ten', 'check.few'],
  );
  undo(project.db, 'ana');
  assert.equal((await status(project)).state, 'few-labels');
});

test('what follows the log one label at a time equals what is counted anew', async (t) => {
  const where = places(t);
  fill(where.images, ['x'], 80, 8);
  const { project } = await importInto(t, where, { layout: 'flat', groups: 'P{group}_*' });
  const { training, check } = sides(project);
  const all = [...training, ...check];
  await status(project);
  const steps: (() => void)[] = [
    () => setLabels(project.db, 'ana', all.slice(0, 30), { class: 'a' }),
    () => setLabels(project.db, 'ben', all.slice(10, 20), { class: 'b' }),
    () => setLabels(project.db, 'ben', all.slice(20, 25), { mark: 'none' }),
    () => setLabels(project.db, 'joint', all.slice(10, 12), { class: 'c' }),
    () => setLabels(project.db, 'ana', all.slice(0, 4), { mark: 'unsure' }),
    () => undo(project.db, 'ben'),
    () => setLabels(project.db, 'ana', all.slice(0, 9), { mark: 'clear' }),
  ];
  const counts = ({ labels, checkLabels, waitingDecisions, classes }: ProjectStatus) => ({
    labels,
    checkLabels,
    waitingDecisions,
    classes: classes.map(({ name, training: t1, check: c }) => [name, t1, c]),
  });
  for (const step of steps) {
    step();
    const followed = counts(await status(project));
    // Another opening counts from the start.
    const other = await importedAgain(project);
    assert.deepEqual(followed, counts(await status(other)));
    other.close();
  }
  const end = await status(project);
  assert.deepEqual([end.labels, end.waitingDecisions], [30 - 9 - 8, 8]);
});

/** The same project, opened for looking beside the one that is open. */
async function importedAgain(project: Project): Promise<Project> {
  const { openProject } = await import('../../../../src/core/db/open.ts');
  return openProject(project.folder, { readOnly: true });
}

test('a class from one group, and one with thirty times the labels of another, are advised about', async (t) => {
  const where = places(t);
  fill(where.images, ['x'], 100, 10);
  const { project } = await importInto(t, where, { layout: 'flat', groups: 'P{group}_*' });
  const inGroup = project.db
    .prepare(
      `SELECT image.id FROM image JOIN image_group ON image_group.id = group_id WHERE name = ? ORDER BY image.id`,
    )
    .pluck();
  const side = project.db.prepare(`SELECT name FROM image_group WHERE side = 'training' ORDER BY id`).pluck();
  const [first] = side.all() as string[];
  const rare = (inGroup.all(first) as number[]).slice(0, 2);
  setLabels(project.db, 'ana', rare, { class: 'Monocyte' });
  const rest = (project.db.prepare(`SELECT id FROM image ORDER BY id`).pluck().all() as number[]).filter(
    (id) => !rare.includes(id),
  );
  setLabels(project.db, 'ana', rest.slice(0, 62), { class: 'Neutrophil' });
  const { advice } = await status(project);
  assert.deepEqual(advice.find(({ code }) => code === 'groups.one')?.params['group'], first);
  assert.deepEqual(advice.find(({ code }) => code === 'classes.imbalance')?.params, {
    most: 'Neutrophil',
    least: 'Monocyte',
    times: 31,
  });
});

test('the newest run decides, and its error code and saved point are told', async (t) => {
  const where = places(t);
  fill(where.images, ['a', 'b'], 40);
  const { project } = await importInto(t, where);
  assert.equal((await status(project)).state, 'ready');
  const at = (seconds: number): string => new Date(Date.UTC(2026, 4, 3, 14, 2, seconds)).toISOString();
  const run = (id: string, seconds: number) => ({
    id,
    kind: 'one-click' as const,
    createdAt: at(seconds),
    summary: '',
    options: { project: project.folder },
    notes: [],
    split: 1,
    labels: 0,
  });
  insertRun(project.db, run('20260503-1', 0));
  changeState(project.db, '20260503-1', 'running');
  assert.equal((await status(project)).state, 'adapting');
  const folder = join(project.paths.runs, '20260503-1');
  mkdirSync(join(folder, 'adapt'), { recursive: true });
  writeFileSync(join(folder, 'spec.json'), JSON.stringify({ adapt: { epochs: 40, seeds: 1 } }));
  const notice = { code: 'memory.out', params: { from: 64, to: 32 } };
  const row = {
    epoch: 12,
    loss: 1,
    embeddingStd: 1,
    effectiveRank: 9,
    knnAccuracy: null,
    learningRate: 1,
    imagesPerSecond: null,
  };
  writeFileSync(join(folder, 'adapt', 'seed-0.json'), JSON.stringify({ monitor: [row], notices: [notice] }));
  utimesSync(join(folder, 'adapt', 'seed-0.json'), new Date(at(30)), new Date(at(30)));
  changeState(project.db, '20260503-1', 'interrupted', { error: 'gone', errorCode: 'process.died' });
  const interrupted = await status(project);
  assert.equal(interrupted.state, 'interrupted');
  assert.deepEqual(interrupted.run, {
    id: '20260503-1',
    state: 'interrupted',
    pass: 12,
    passes: 40,
    savedAt: at(30),
    error: 'gone',
    errorCode: 'process.died',
    progress: null,
    notices: [notice],
    disk: null,
  });
  changeState(project.db, '20260503-1', 'cancelled');
  assert.equal((await status(project)).state, 'ready');
  insertRun(project.db, run('20260503-2', 60));
  changeState(project.db, '20260503-2', 'running');
  changeState(project.db, '20260503-2', 'finished');
  const results = await status(project);
  assert.deepEqual(
    [results.state, results.results, results.stale],
    ['results', { run: '20260503-2', number: 1 }, false],
  );
});

test('a model that is applied: new images, what is left to review, done', async (t) => {
  const where = places(t);
  fill(where.images, ['a', 'b'], 40);
  const { project } = await importInto(t, where);
  const { db } = project;
  const options = { project: project.folder };
  insertRun(db, {
    id: 'r',
    kind: 'one-click',
    createdAt: new Date().toISOString(),
    summary: '',
    options,
    notes: [],
    split: 1,
    labels: 0,
  });
  changeState(db, 'r', 'running');
  changeState(db, 'r', 'finished');
  db.prepare(`UPDATE run SET label_seq = (SELECT max(seq) FROM label_event), labels = 80`).run();
  assert.deepEqual((await status(project)).stale, false);
  const ids = db.prepare(`SELECT id FROM image ORDER BY id`).pluck().all() as number[];
  const apply = (images: readonly number[]): void => {
    const { lastInsertRowid } = db
      .prepare(`INSERT INTO batch (run, arm, state, created_at, classes) VALUES ('r', 'plain', 'done', ?, '["a","b"]')`)
      .run(new Date().toISOString());
    const insert = db.prepare(
      `INSERT INTO prediction (batch, image, class, probability, second, p_second) VALUES (?, ?, ?, ?, ?, ?)`,
    );
    images.forEach((image, i) => insert.run(lastInsertRowid, image, i % 2, i < 6 ? 0.6 : 0.9, 1, 0.1));
  };
  apply(ids.slice(0, -3));
  assert.deepEqual(await status(project).then(({ state, newImages }) => [state, newImages]), ['new-images', 3]);
  apply(ids);
  const applied = await status(project);
  assert.deepEqual([applied.state, applied.applied?.toReview, applied.applied?.named], ['applied', 6, 80]);
  writeBatch(db, { rater: 'ana', kind: 'set', changes: [{ image: ids[0] as number, kind: 'class', class: 'b' }] });
  const fixed = await status(project);
  assert.deepEqual([fixed.applied?.toReview, fixed.stale, fixed.changedLabels], [5, true, 1]);
  // Two people on one image are one image, until both take it back.
  writeBatch(db, { rater: 'ben', kind: 'set', changes: [{ image: ids[0] as number, kind: 'class', class: 'b' }] });
  writeBatch(db, { rater: 'ben', kind: 'set', changes: [{ image: ids[1] as number, kind: 'class', class: 'b' }] });
  assert.equal((await status(project)).changedLabels, 2);
  undo(db, 'ben');
  undo(db, 'ben');
  assert.equal((await status(project)).changedLabels, 1);
  undo(db, 'ana');
  const undone = await status(project);
  assert.deepEqual([undone.applied?.toReview, undone.stale, undone.changedLabels], [6, false, 0]);
  db.prepare(`UPDATE batch SET thresholds = '{"a": 0.5}'`).run();
  assert.equal((await status(project)).applied?.toReview, 3);
  db.prepare(`UPDATE batch SET closed = 1`).run();
  assert.equal((await status(project)).state, 'reviewed');
});

/** The next time a project is told to have changed. */
const once = (project: string): Promise<void> =>
  new Promise((resolve) => {
    const stop = onChanged((id) => {
      if (id !== project) return;
      stop();
      resolve();
    });
  });

test('the folder with the images goes away and comes back', async (t) => {
  const where = places(t);
  fill(where.images, ['a', 'b'], 20);
  const { project } = await importInto(t, where);
  renameSync(where.images, `${where.images}-away`);
  project.close();
  const again = await useProject(project.folder);
  assert.equal((await status(again)).folderGone, true);
  setScanning(again.id, { stage: 'import', fraction: 0.1 });
  assert.equal((await status(again)).state, 'scanning');
  setScanning(again.id, null);
  renameSync(`${where.images}-away`, where.images);
  // Asked for only where a change is told.
  while ((await status(again)).folderGone) await once(again.id);
});

test('in a blind session only the rater’s own labels are counted', async (t) => {
  const where = places(t);
  fill(where.images, ['a', 'b'], 30);
  const { project } = await importInto(t, where);
  const { training } = sides(project);
  project.db.prepare(`INSERT INTO blind_session (rater, other, started_at) VALUES ('ben', 'imported', '2026')`).run();
  setLabels(project.db, 'ben', training.slice(0, 2), { class: 'a' });
  const ben = await status(project, 'ben');
  assert.deepEqual([ben.blind, ben.labels, ben.advice], [true, 2, []]);
  assert.deepEqual(
    ben.classes.map(({ training: count }) => count),
    [2, 0],
  );
  assert.equal((await status(project, 'ana')).labels > 50, true);
});
