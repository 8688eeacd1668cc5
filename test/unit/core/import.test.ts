import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
} from 'node:fs';
import { join, relative } from 'node:path';
import { test } from 'node:test';
import sharp from 'sharp';
import { importInputSchema, type LibrarySummary } from '../../../src/contract/library.ts';
import { checkImportInput, importLibrary } from '../../../src/core/library/import.ts';
import { openProject, type Project } from '../../../src/core/db/open.ts';
import { readImportSetting, sourcePath, writeSetting, type ImagePlace } from '../../../src/core/library/paths.ts';
import { setLabels } from '../../../src/core/labels/labels.ts';
import { manifestImages, trainingSide } from '../../../src/core/splits/sides.ts';
import { svg, writeHugePng } from '../images/files.ts';
import { failsWith, fill, importInto, importOnce, picture, places, pool, put } from './library-tools.ts';

/** Names, sizes, times and contents of everything below a folder. */
function snapshot(folder: string): string {
  const parts = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort()
    .map(
      (file) => `${file} ${statSync(file).mtimeMs} ${createHash('sha256').update(readFileSync(file)).digest('hex')}`,
    );
  return parts.join('\n');
}

test('a folder per class: classes, check side, source files untouched', async (t) => {
  const where = places(t);
  fill(where.images, ['alpha', 'beta'], 60);
  put(where.images, 'notes.txt', 'not an image, and nobody said so');
  put(where.images, '.hidden.png', picture(999));
  put(where.images, 'alpha/Thumbs.db', 'system');
  const before = snapshot(where.images);
  const { project, summary } = await importInto(t, where);
  assert.equal(snapshot(where.images), before);
  assert.deepEqual([summary.images, summary.added, summary.unreadable.length], [120, 120, 0]);
  assert.deepEqual(
    summary.classes.map(({ name, images }) => [name, images]),
    [
      ['alpha', 60],
      ['beta', 60],
    ],
  );
  assert.equal(summary.check.images, 30);
  assert.equal(
    summary.classes.reduce((sum, { check }) => sum + check, 0),
    30,
  );
  const { training, adapt } = trainingSide(project);
  assert.equal(training.length, 90);
  assert.equal(adapt.length, 90);
  for (const { path, hash } of manifestImages(project)) {
    assert.equal(createHash('sha256').update(readFileSync(path)).digest('hex'), hash);
  }
});

test('wrong folders are refused before anything is written', async (t) => {
  const where = places(t);
  const check =
    (more: Record<string, unknown> = {}) =>
    () =>
      checkImportInput(importInputSchema.parse({ folder: where.images, project: where.project, ...more }));
  assert.throws(check({ folder: join(where.images, 'no') }), failsWith('folder.missing'));
  assert.throws(check(), failsWith('folder.empty'));
  fill(where.images, ['a'], 2);
  assert.throws(check({ project: join(where.images, 'a', 'project') }), failsWith('project.insideImages'));
  assert.throws(check({ project: where.images }), failsWith('project.insideImages'));
  symlinkSync(where.images, join(where.images, '..', 'link'));
  assert.throws(check({ project: join(where.images, '..', 'link', 'p') }), failsWith('project.insideImages'));
  assert.throws(check({ folder: join(where.project, 'images') }), failsWith('folder.missing'));
  const more = (...names: string[]): string[] => names.map((name) => join(where.images, '..', name));
  put(where.images, '../more/in/m.png', picture(50));
  put(where.images, '../beside/b.png', picture(51));
  for (const unlabelled of [
    [join(where.images, 'a')],
    [where.images],
    more('more', 'beside', 'more'),
    more('beside', 'more', 'more/in'),
    more('more/in', 'more'),
    more('link'),
  ]) {
    assert.throws(check({ unlabelled }), failsWith('folder.overlap'), unlabelled.join());
  }
  assert.throws(check({ unlabelled: more('more', 'no') }), failsWith('folder.missing'));
  const inside = { project: join(where.images, '../beside/project'), unlabelled: more('more', 'beside') };
  assert.throws(check(inside), failsWith('project.insideImages'));
  assert.equal(check({ unlabelled: more('more', 'beside') })().unlabelled?.length, 2);
  assert.throws(check({ labels: join(where.images, 'no.csv') }), failsWith('labels.fileMissing'));
  assert.ok(!existsSync(where.project));
  const { project } = await importInto(t, where, { layout: 'class-per-folder' });
  assert.throws(() => trainingSide(project), failsWith('classes.one'));
});

test('a folder without one readable image says why', async (t) => {
  const where = places(t);
  put(where.images, 'a.jpg', svg);
  await assert.rejects(importInto(t, where), failsWith('folder.noneReadable'));
  rmSync(join(where.images, 'a.jpg'));
  put(where.images, 'a.txt', 'words');
  await assert.rejects(importInto(t, where), failsWith('folder.empty'));
});

test('unreadable files are listed with their reason and stop nothing', async (t) => {
  const where = places(t);
  fill(where.images, ['a', 'b'], 4);
  const jpeg = await sharp(picture(77, 64)).jpeg().toBuffer();
  put(where.images, 'a/zero.jpg', '');
  put(where.images, 'a/cut.jpg', jpeg.subarray(0, jpeg.length - 300));
  put(where.images, 'a/drawing.jpg', svg);
  put(where.images, 'b/script.jpg', '#!/bin/sh\nrm -rf /\n');
  put(where.images, 'b/scan.dcm', Buffer.concat([Buffer.alloc(128), Buffer.from('DICM')]));
  await writeHugePng(join(where.images, 'b/huge.png'), 30_000);
  put(where.images, '../outside.png', picture(500));
  symlinkSync(join(where.images, '../outside.png'), join(where.images, 'b/link.png'));
  mkdirSync(join(where.images, '../other'));
  symlinkSync(join(where.images, '../other'), join(where.images, 'b/folder'));
  symlinkSync('..', join(where.images, 'b/loop'));
  const { summary } = await importInto(t, where);
  assert.equal(summary.images, 8);
  assert.deepEqual(
    summary.unreadable.map(({ file, code }) => [file, code]),
    [
      ['a/cut.jpg', 'truncated'],
      ['a/drawing.jpg', 'not-an-image'],
      ['a/zero.jpg', 'empty'],
      ['b/folder', 'outside-folder'],
      ['b/huge.png', 'too-large'],
      ['b/link.png', 'outside-folder'],
      ['b/scan.dcm', 'unsupported'],
      ['b/script.jpg', 'not-an-image'],
    ],
  );
  assert.match(summary.unreadable.find(({ file }) => file === 'b/scan.dcm')!.reason, /DICOM/);
  assert.ok(summary.warnings.some((text) => text.startsWith('8 files could not be read')));
});

test('several further folders: images of one name are kept apart, and each folder is looked at, left out and moved by itself', async (t) => {
  const where = places(t);
  fill(where.images, ['a', 'b'], 4);
  const root = join(where.images, '..');
  for (const [at, name] of ['one', 'two', 'three'].entries()) {
    for (let i = 0; i < 3; i++) put(root, `${name}/m${i}.png`, picture(500 + 10 * at + i));
  }
  const folders = (...names: string[]) => ({ unlabelled: names.map((name) => join(root, name)) });
  /** Path and state of every image that is only learned from, each read from where it lies. */
  const furtherOf = ({ db }: Project): string[] => {
    const rows = db
      .prepare(`SELECT role, batch, file, hash, state FROM image WHERE role = 'adapt-only'`)
      .all() as (ImagePlace & {
      hash: string;
      state: string;
    })[];
    const setting = readImportSetting(db)!;
    return rows
      .map((row) => {
        if (row.state !== 'ok') return row.state;
        const path = sourcePath(setting, row);
        assert.equal(createHash('sha256').update(readFileSync(path)).digest('hex'), row.hash, path);
        return relative(root, path).replaceAll('\\', '/');
      })
      .sort();
  };
  const three = (...names: string[]): string[] => names.flatMap((name) => [0, 1, 2].map((i) => `${name}/m${i}.png`));
  const again = async (more?: { unlabelled: string[] }): Promise<[LibrarySummary, string[]]> => {
    const { project, summary } = await importInto(t, where, more);
    const further = furtherOf(project);
    project.close();
    return [summary, further];
  };

  const [first, all] = await again(folders('one', 'two'));
  assert.deepEqual([first.images, first.added, first.unlabelledOnly], [8, 14, 6]);
  assert.deepEqual(all, three('one', 'two'));
  put(root, 'two/new.png', picture(600));
  rmSync(join(root, 'one/m0.png'));
  const [second] = await again();
  assert.deepEqual([second.added, second.gone, second.unlabelledOnly], [1, 1, 6]);

  const [third, without] = await again(folders('two', 'three'));
  assert.deepEqual(without, [...three('three', 'two'), 'two/new.png', 'gone', 'gone', 'gone'].sort());
  assert.deepEqual([third.unlabelledOnly, third.images], [7, 8]);
  renameSync(join(root, 'two'), join(root, 'elsewhere'));
  await assert.rejects(again(), failsWith('folder.missing'));
  const [fourth, moved] = await again(folders('three', 'elsewhere'));
  assert.deepEqual(moved, [...three('elsewhere', 'three'), 'elsewhere/new.png', 'gone', 'gone', 'gone'].sort());
  assert.deepEqual([fourth.added, fourth.changed, fourth.unlabelledOnly], [0, 0, 7]);

  const [last, none] = await again({ unlabelled: [] });
  assert.deepEqual([last.unlabelledOnly, new Set(none)], [0, new Set(['gone'])]);
});

test('a project from before there could be several further folders keeps its one', async (t) => {
  const where = places(t);
  fill(where.images, ['a', 'b'], 4);
  const further = join(where.images, '../more');
  put(further, 'm.png', picture(500));
  const { project } = await importInto(t, where, { unlabelled: [further] });
  writeSetting(project.db, 'import', { ...readImportSetting(project.db), unlabelled: further });
  project.close();
  put(further, 'n.png', picture(501));
  const { added, gone, unlabelledOnly } = await importOnce(t, where);
  assert.deepEqual([added, gone, unlabelledOnly], [1, 0, 2]);
});

test('importing again reads only what is new or changed, and notices what is gone', async (t) => {
  const where = places(t);
  fill(where.images, ['a', 'b'], 40);
  assert.equal((await importOnce(t, where)).added, 80);
  const same = await importOnce(t, where);
  assert.deepEqual([same.added, same.changed, same.gone], [0, 0, 0]);

  put(where.images, 'a/new.png', picture(1000));
  put(where.images, 'a/a0.png', picture(1001));
  rmSync(join(where.images, 'b/b0.png'));
  const { project, summary } = await importInto(t, where);
  assert.deepEqual([summary.added, summary.changed, summary.gone, summary.images], [1, 1, 1, 80]);
  assert.ok(summary.warnings.some((text) => text.startsWith('1 image has changed since it was labelled')));
  const bytes = project.db.prepare(`SELECT hash FROM image WHERE file = 'a/a0.png'`).pluck().get();
  assert.equal(bytes, createHash('sha256').update(picture(1001)).digest('hex'));
  const label = project.db.prepare(`SELECT class FROM label JOIN image ON image.id = image WHERE file = 'a/a0.png'`);
  assert.equal(label.pluck().get(), 'a', 'its label is kept');
  assert.ok(!manifestImages(project).some(({ path }) => path.endsWith('b0.png')));
});

test('an image that comes back is the one it was', async (t) => {
  const where = places(t);
  fill(where.images, ['a', 'b'], 10);
  await importOnce(t, where);
  const file = join(where.images, 'a/a3.png');
  const { mtime, atime } = statSync(file);
  const kept = readFileSync(file);
  rmSync(file);
  assert.equal((await importOnce(t, where)).gone, 1);
  put(where.images, 'a/a3.png', kept);
  utimesSync(file, atime, mtime);
  const { project, summary } = await importInto(t, where);
  assert.equal(summary.images, 20);
  assert.equal(project.db.prepare(`SELECT count(*) FROM image`).pluck().get(), 20);
});

test('an image that is moved keeps its labels and its side', async (t) => {
  const where = places(t);
  fill(where.images, ['a', 'b'], 10);
  const { project: before } = await importInto(t, where);
  const id = Number(before.db.prepare(`SELECT id FROM image WHERE file = 'a/a3.png'`).pluck().get());
  setLabels(before.db, 'ana', [id], { class: 'b' });
  const side = before.db.prepare(`SELECT side FROM image WHERE id = ?`).pluck().get(id);
  before.close();
  renameSync(join(where.images, 'a/a3.png'), join(where.images, 'b/renamed.png'));
  const { project, summary } = await importInto(t, where);
  assert.deepEqual([summary.images, summary.added, summary.gone], [20, 0, 0]);
  const row = project.db.prepare(`SELECT id, side FROM image WHERE file = 'b/renamed.png'`).get();
  assert.deepEqual(row, { id, side });
  assert.equal(project.db.prepare(`SELECT class FROM label WHERE image = ? AND rater = 'ana'`).pluck().get(id), 'b');
});

test('an interrupted import continues with the same images, ids and check side', async (t) => {
  const where = places(t);
  fill(where.images, ['a', 'b', 'c'], 250);
  const whole = { images: where.images, project: `${where.project}-whole` };
  const { project: reference } = await importInto(t, whole);
  const controller = new AbortController();
  const input = checkImportInput(importInputSchema.parse({ folder: where.images, project: where.project }));
  const first = await openProject(where.project, { create: true });
  const stopping = importLibrary(first, input, {
    pool,
    signal: controller.signal,
    progress: ({ fraction }) => fraction > 0.5 && controller.abort(new Error('stop')),
  });
  await assert.rejects(stopping, /stop/);
  const partial = Number(first.db.prepare(`SELECT count(*) FROM image`).pluck().get());
  assert.ok(partial > 375 && partial < 750, `${partial} were kept`);
  assert.equal(first.db.prepare(`SELECT count(*) FROM image WHERE side IS NOT NULL`).pluck().get(), 0);
  first.close();

  const { project, summary } = await importInto(t, where);
  assert.equal(summary.added, 750 - partial);
  const rows = `SELECT id, file, hash, side FROM image ORDER BY id`;
  assert.deepEqual(project.db.prepare(rows).all(), reference.db.prepare(rows).all());
});

test('a further folder serves the adaptation only', async (t) => {
  const where = places(t);
  fill(where.images, ['a', 'b'], 40);
  const unlabelled = join(where.images, '../more');
  for (let i = 0; i < 10; i++) put(unlabelled, `a/m${i}.png`, picture(2000 + i));
  const { project, summary } = await importInto(t, where, { unlabelled: [unlabelled] });
  assert.deepEqual([summary.images, summary.unlabelledOnly, summary.check.images], [80, 10, 30]);
  const { adapt, training } = trainingSide(project);
  assert.equal(adapt.length, 50 + 10);
  const extra = new Set(project.db.prepare(`SELECT id FROM image WHERE role = 'adapt-only'`).pluck().all() as number[]);
  assert.ok(training.every(({ image }) => !extra.has(image)));
  assert.ok(manifestImages(project, extra).every(({ path }) => existsSync(path)));
});

test('a project belongs to its folder until that is gone', async (t) => {
  const where = places(t);
  fill(where.images, ['a', 'b'], 5);
  await importOnce(t, where);
  const other = places(t);
  fill(other.images, ['a', 'b'], 5);
  await assert.rejects(importOnce(t, { images: other.images, project: where.project }), failsWith('folder.other'));
  rmSync(where.images, { recursive: true });
  const moved = await importOnce(t, { images: other.images, project: where.project });
  assert.equal(moved.images, 10);
});
