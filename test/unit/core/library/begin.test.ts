import assert from 'node:assert/strict';
import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { importInputSchema } from '../../../../src/contract/library.ts';
import { closeProjects, useProject } from '../../../../src/core/db/projects.ts';
import { setLabels } from '../../../../src/core/labels/labels.ts';
import { createImports } from '../../../../src/core/library/begin.ts';
import { checkImportInput } from '../../../../src/core/library/import.ts';
import { boardOf } from '../../../../src/core/projects/board.ts';
import { summarize } from '../../../../src/core/library/summary.ts';
import { failsWith, fill, picture, places, put } from '../library-tools.ts';

after(() => closeProjects());

const inputFor = (where: { images: string; project: string }, more: object = {}) =>
  checkImportInput(importInputSchema.parse({ folder: where.images, project: where.project, ...more }));

test('an import goes on by itself: labels are set meanwhile, and the page hears of what came in', async (t) => {
  const where = places(t);
  fill(where.images, ['cat', 'dog'], 300);
  const heard: string[] = [];
  const imports = createImports((name) => void heard.push(name));
  const project = await useProject(where.project, { create: true });
  const { done } = await imports.begin(project, inputFor(where, { name: 'Cats and dogs' }));
  assert.equal(boardOf(project.id).scanning?.stage, 'import');
  const count = project.db.prepare(`SELECT count(*) FROM image`).pluck();
  const slowest: number[] = [];
  let labelled = 0;
  let over = false;
  void done.finally(() => (over = true));
  while (!over) {
    await new Promise((resolve) => setImmediate(resolve));
    if (Number(count.get()) <= labelled) continue;
    const started = performance.now();
    setLabels(project.db, 'ana', [++labelled], { class: 'cat' });
    slowest.push(performance.now() - started);
  }
  assert.ok(labelled > 100, 'images of the first pieces could be labelled at once');
  const { added } = await done;
  assert.equal(added, 600);
  assert.equal(boardOf(project.id).scanning, null);
  assert.ok(heard.includes('library.changed'));
  assert.equal(project.db.prepare(`SELECT value FROM setting WHERE key = 'name'`).pluck().get(), '"Cats and dogs"');
  assert.equal(
    project.db.prepare(`SELECT count(*) FROM label WHERE rater = 'ana'`).pluck().get(),
    labelled,
    'no label was lost',
  );
});

test('looking again tells what is new and what is gone', async (t) => {
  const where = places(t);
  fill(where.images, ['cat', 'dog'], 20);
  const imports = createImports(() => {});
  const project = await useProject(where.project, { create: true });
  await (
    await imports.begin(project, inputFor(where))
  ).done;
  for (let i = 0; i < 12; i++) put(where.images, `cat/new${i}.png`, picture(500 + i));
  for (const name of readdirSync(join(where.images, 'dog')).slice(0, 3)) rmSync(join(where.images, 'dog', name));
  const counts = await (await imports.begin(project, null)).done;
  assert.deepEqual([counts.added, counts.gone, counts.changed], [12, 3, 0]);
});

test('folders that are no classes are left out, or are none of these', async (t) => {
  const where = places(t);
  fill(where.images, ['cat', 'dog'], 20);
  fill(where.images, ['junk', 'blur'], 5);
  const project = await useProject(where.project, { create: true });
  const imports = createImports(() => {});
  const input = inputFor(where, { folders: { junk: 'ignore', blur: 'none' } });
  await (
    await imports.begin(project, input)
  ).done;
  const { images, classes } = summarize(project);
  assert.deepEqual([images, classes.map(({ name }) => name)], [45, ['cat', 'dog']]);
  assert.equal(project.db.prepare(`SELECT count(*) FROM label WHERE kind = 'none'`).pluck().get(), 5);
  assert.equal(project.db.prepare(`SELECT count(*) FROM image WHERE file LIKE 'junk/%'`).pluck().get(), 0);
});

test('what is wrong with an import is told before it begins; what is wrong later is kept', async (t) => {
  const where = places(t);
  put(where.images, 'a.jpg', 'no image');
  const project = await useProject(where.project, { create: true });
  const imports = createImports(() => {});
  await assert.rejects(imports.begin(project, inputFor(where, { groups: 'X{group}_*' })), failsWith('groups.noMatch'));
  assert.equal(boardOf(project.id).scanning, null);
  const { done } = await imports.begin(project, inputFor(where));
  await assert.rejects(done, failsWith('folder.noneReadable'));
  assert.equal(imports.failure(project.id)?.code, 'folder.noneReadable');
});

test('an import that was cut off is gone on with when the project is opened', async (t) => {
  const where = places(t);
  fill(where.images, ['cat', 'dog'], 150);
  const first = await useProject(where.project, { create: true });
  const { done } = await createImports(() => {}).begin(first, inputFor(where));
  first.close();
  await assert.rejects(done);
  const project = await useProject(where.project);
  const imports = createImports(() => {});
  imports.goOn(project);
  const { added } = await (await imports.begin(project, null)).done;
  assert.equal(added, 0, 'the one that went on had read everything');
  assert.equal(summarize(project).images, 300);
});

test('looking again where nothing changed ends with the look; another table of labels is read', async (t) => {
  const where = places(t);
  for (let i = 0; i < 20; i++) put(where.images, `c${i}.png`, picture(i));
  put(where.images, 'notes.txt', 'no image, looked at each time');
  const table = (name: string): void =>
    put(
      where.images,
      '../labels.csv',
      `file,label\n${Array.from({ length: 20 }, (_, i) => `c${i}.png,${i % 2 ? 'a' : name}`).join('\n')}\n`,
    );
  table('b');
  const project = await useProject(where.project, { create: true });
  const imports = createImports(() => {});
  const input = inputFor(where, { labels: join(where.images, '../labels.csv') });
  const again = async () => (await imports.begin(project, input)).done;
  const noted = project.db.prepare(`SELECT count(*) FROM audit WHERE kind = 'import'`).pluck();
  const named = project.db.prepare(`SELECT count(*) FROM label WHERE class = ?`).pluck();
  await again();
  assert.deepEqual([noted.get(), named.get('b')], [1, 10]);
  await again();
  assert.equal(noted.get(), 1, 'nothing to tell');
  table('longer name');
  await again();
  assert.deepEqual([noted.get(), named.get('longer name')], [2, 10]);
  rmSync(join(where.images, 'c3.png'));
  await again();
  assert.equal(noted.get(), 3);
});
