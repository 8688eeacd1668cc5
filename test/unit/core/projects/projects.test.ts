import './settings-home.ts';
import assert from 'node:assert/strict';
import { copyFileSync, existsSync, mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { after, test, type TestContext } from 'node:test';
import { coreCalls } from '../../../../src/contract/core-calls.ts';
import { verifyAudit } from '../../../../src/core/audit/verify.ts';
import { backUp } from '../../../../src/core/db/backup.ts';
import type { Project } from '../../../../src/core/db/open.ts';
import { closeProjects, useProject } from '../../../../src/core/db/projects.ts';
import { writeBatch } from '../../../../src/core/labels/log.ts';
import { handlers } from '../../../../src/core/projects/handlers.ts';
import { changeUserSettings } from '../../../../src/core/settings/user.ts';
import { failsWith, fill, importInto, picture, places, put } from '../library-tools.ts';
import { quiet } from './quiet.ts';

after(() => closeProjects());
const told: { name: string; data: unknown }[] = [];
const calls = handlers({
  engine: { call: () => assert.fail('not asked'), on: () => () => {}, close: () => {} },
  emit: (name, data) => told.push({ name, data }),
});

/** A project of unlabelled images, opened as the page opens it. */
async function opened(t: TestContext, images = 30): Promise<{ project: Project; images: string }> {
  const where = places(t);
  fill(where.images, ['x'], images);
  const { project } = await importInto(t, where, { layout: 'flat' });
  project.close();
  const status = await calls['projects.open']({ project: where.project, rater: 'ana' }, quiet);
  coreCalls['projects.open'].output.parse(status);
  return { project: await useProject(where.project), images: where.images };
}
const card = async (id: string) => {
  const { projects } = coreCalls['projects.list'].output.parse(await calls['projects.list']({}, quiet));
  return projects.find(({ project }) => project === id);
};

test('what was opened is listed with its picture and state; it is renamed, and taken off the list', async (t) => {
  const { project } = await opened(t);
  const first = await card(project.id);
  assert.deepEqual([first?.name, first?.isThere, first?.images, first?.state], ['project', true, 30, 'no-classes']);
  assert.equal(first?.cover.length, 6);
  await calls['projects.rename']({ project: project.id, name: 'Blood smears' }, quiet);
  assert.equal((await card(project.id))?.name, 'Blood smears');
  assert.equal((await calls['projects.status']({ project: project.id, rater: '' }, quiet)).name, 'Blood smears');
  changeUserSettings({ privateHome: true });
  assert.deepEqual((await card(project.id))?.cover, []);
  changeUserSettings({ privateHome: false });
  await calls['projects.forget']({ project: project.id }, quiet);
  assert.equal(await card(project.id), undefined);
  assert.ok(existsSync(project.paths.database));
});

test('a project whose folder is gone is listed as not there', async (t) => {
  const { project } = await opened(t);
  await closeProjects();
  renameSync(project.folder, `${project.folder}-away`);
  assert.equal((await card(project.id))?.isThere, false);
});

test('a shell that may not know folders is told none', async (t) => {
  const { project } = await opened(t);
  const far = { ...quiet, seat: { rater: 'ben', paths: false, roots: [] } };
  assert.equal((await calls['projects.status']({ project: project.id, rater: 'ben' }, far)).folder, null);
  assert.equal((await calls['projects.status']({ project: project.id, rater: 'ben' }, quiet)).folder, project.folder);
});

test('deleting takes the project and nothing else', async (t) => {
  const { project, images } = await opened(t);
  writeFileSync(join(project.folder, 'my notes.txt'), 'keep');
  await calls['projects.delete']({ project: project.id }, quiet);
  assert.deepEqual(readdirSync(project.folder), ['my notes.txt']);
  assert.equal(readdirSync(join(images, 'x')).length, 30);
  assert.equal(await card(project.id), undefined);
  await assert.rejects(calls['projects.delete']({ project: project.folder }, quiet), failsWith('project.missing'));
});

test('a project with the images inside is not deleted', async (t) => {
  const { project } = await opened(t);
  project.db
    .prepare(`UPDATE setting SET value = json_set(value, '$.folder', ?) WHERE key = 'import'`)
    .run(join(project.folder, 'images'));
  await assert.rejects(calls['projects.delete']({ project: project.id }, quiet), failsWith('project.holdsImages'));
  assert.ok(existsSync(project.paths.database) && project.db.open);
});

test('places are kept for each rater', async (t) => {
  const { project } = await opened(t);
  const place = (rater: string, value?: string) =>
    calls['projects.place'](
      { project: project.id, rater, key: 'anchor', ...(value === undefined ? {} : { value }) },
      quiet,
    );
  await place('ana', '17');
  await place('ana', '18');
  assert.deepEqual([await place('ana'), await place('ben')], [{ value: '18' }, { value: null }]);
});

test('a backup becomes a new project beside the old one, and its trail says so', async (t) => {
  const { project } = await opened(t);
  const note = (text: string): void =>
    void writeBatch(project.db, { rater: 'ana', kind: 'set', changes: [{ image: 1, kind: 'note', text }] });
  note('before');
  mkdirSync(join(project.paths.runs, 'r', 'adapt'), { recursive: true });
  writeFileSync(join(project.paths.runs, 'r', 'scores.json'), '{}');
  const file = await backUp(project.db, project.paths.backups);
  note('after');
  const { backups } = coreCalls['projects.backups'].output.parse(
    await calls['projects.backups']({ project: project.id }, quiet),
  );
  assert.equal(backups[0]?.name, basename(file));
  const folder = `${project.folder}-restored`;
  const { project: id } = await calls['projects.restore'](
    { project: project.id, backup: basename(file), folder },
    quiet,
  );
  assert.notEqual(id, project.id);
  const restored = await useProject(folder);
  const notes = (of: Project) => of.db.prepare(`SELECT text FROM note`).pluck().all();
  assert.deepEqual([notes(restored), notes(project)], [['before'], ['after']]);
  assert.deepEqual(verifyAudit(restored).problems, []);
  assert.deepEqual(verifyAudit(project).problems, []);
  const payload = restored.db.prepare(`SELECT payload FROM audit WHERE kind = 'restore'`).pluck().get();
  const { head, from } = JSON.parse(String(payload)) as { head: string; from: string };
  assert.equal(from, project.id);
  assert.ok(project.db.prepare(`SELECT 1 FROM audit WHERE hash = ?`).get(head), 'the stamp is in the old trail');
  assert.ok(existsSync(join(restored.paths.runs, 'r', 'scores.json')));
  const again = { project: project.id, backup: basename(file), folder };
  await assert.rejects(calls['projects.restore'](again, quiet), failsWith('project.notEmpty'));
  await assert.rejects(
    calls['projects.restore']({ ...again, backup: '../project.db', folder: `${folder}2` }, quiet),
    failsWith('project.unknownBackup'),
  );
  writeFileSync(file, 'damaged');
  await assert.rejects(
    calls['projects.restore']({ ...again, folder: `${folder}2` }, quiet),
    failsWith('project.badBackup'),
  );
  assert.equal(existsSync(`${folder}2`), false);
});

test('a project of a newer version is not opened, and its backups are restored all the same', async (t) => {
  const { project } = await opened(t);
  const file = await backUp(project.db, project.paths.backups);
  project.db.pragma('user_version = 99');
  await closeProjects();
  await assert.rejects(calls['projects.open']({ project: project.id, rater: 'ana' }, quiet), failsWith('db.future'));
  const { backups } = await calls['projects.backups']({ project: project.id }, quiet);
  assert.equal(backups[0]?.name, basename(file));
  const into = { project: project.id, backup: basename(file), folder: `${project.folder}-old` };
  const { project: id } = await calls['projects.restore'](into, quiet);
  assert.equal((await calls['projects.status']({ project: id, rater: '' }, quiet)).images, 30);
});

test('images are found again by content, wherever they were moved', async (t) => {
  const { project, images } = await opened(t, 12);
  const moved = `${images}-moved`;
  renameSync(images, moved);
  const first = project.db.prepare(`SELECT file FROM image WHERE id = 1`).pluck();
  const [one, two, gone, four] = project.db
    .prepare(`SELECT file FROM image ORDER BY id LIMIT 4`)
    .pluck()
    .all() as string[];
  // Two change names with each other, one goes elsewhere by copy, one is lost, and a stranger comes.
  renameSync(join(moved, one!), join(moved, 'swap.png'));
  renameSync(join(moved, two!), join(moved, one!));
  renameSync(join(moved, 'swap.png'), join(moved, two!));
  rmSync(join(moved, gone!));
  renameSync(join(moved, four!), join(moved, gone!));
  mkdirSync(join(moved, 'deep'));
  const last = String(project.db.prepare(`SELECT file FROM image WHERE id = 12`).pluck().get());
  copyFileSync(join(moved, last), join(moved, 'deep', 'other.png'));
  rmSync(join(moved, last));
  put(moved, 'stranger.png', picture(900));
  const result = await calls['projects.relink']({ project: project.id, folder: moved }, quiet);
  assert.deepEqual(result, { found: 11, missing: 1 });
  assert.equal(first.get(), two);
  assert.equal(project.db.prepare(`SELECT file FROM image WHERE id = 12`).pluck().get(), 'deep/other.png');
  assert.equal(project.db.prepare(`SELECT file FROM image WHERE id = 4`).pluck().get(), gone);
  assert.equal(project.db.prepare(`SELECT state FROM image WHERE id = 3`).pluck().get(), 'gone');
  const { folderGone, images: count } = await calls['projects.status']({ project: project.id, rater: '' }, quiet);
  assert.deepEqual([folderGone, count], [false, 11]);
  assert.ok(told.some(({ name }) => name === 'library.changed'));
  assert.deepEqual(verifyAudit(project).problems, []);
  const empty = `${images}-empty`;
  mkdirSync(empty);
  await assert.rejects(
    calls['projects.relink']({ project: project.id, folder: empty }, quiet),
    failsWith('folder.noneOfThese'),
  );
});

test('changes are told at most ten times a second, and the last one always', async (t) => {
  const { project } = await opened(t);
  const { changed, boardOf, onChanged } = await import('../../../../src/core/projects/board.ts');
  const seqs: number[] = [];
  const begun = performance.now();
  await new Promise<void>((resolve) => {
    const stop = onChanged((id, seq) => {
      if (id !== project.id) return;
      seqs.push(seq);
      if (performance.now() - begun < 250) setImmediate(() => changed(project.id));
      else if (seq === boardOf(project.id).seq) resolve(stop() as unknown as undefined);
    });
    for (let i = 0; i < 500; i++) changed(project.id);
  });
  const seconds = (performance.now() - begun) / 1000;
  assert.ok(seqs.length <= Math.ceil(seconds * 10) + 1, `${seqs.length} in ${seconds} s`);
  assert.equal(seqs.at(-1), boardOf(project.id).seq);
});
