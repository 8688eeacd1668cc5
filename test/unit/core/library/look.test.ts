import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import sharp from 'sharp';
import { importInputSchema, lookSchema } from '../../../../src/contract/library.ts';
import { lookAt } from '../../../../src/core/library/look/look.ts';
import { suggestPattern } from '../../../../src/core/library/look/pattern.ts';
import { previewPath } from '../../../../src/core/thumbnails/previews.ts';
import { failsWith, fill, picture, places, pool, put } from '../library-tools.ts';

const never = new AbortController().signal;
const look = async (folder: string, more: object = {}) =>
  lookSchema.parse(await lookAt(importInputSchema.partial({ project: true }).parse({ folder, ...more }), pool, never));

test('class folders are found with their counts; what is no image is named as what it is', async (t) => {
  const where = places(t);
  fill(where.images, ['cat', 'dog'], 15);
  fill(where.images, ['junk'], 5);
  put(where.images, 'cat/broken.png', 'no image');
  put(where.images, 'dog/zero.jpg', '');
  put(where.images, 'slides/a.svs', 'whole slide');
  put(where.images, 'scan.dcm', 'DICOM');
  put(where.images, 'notes.txt', 'words');
  const found = await look(where.images, { project: where.project, folders: { junk: 'ignore' } });
  assert.ok(!existsSync(where.project), 'nothing is written');
  assert.equal(found.layout, 'class-per-folder');
  assert.deepEqual(found.classes, [
    { name: 'cat', images: 15, as: 'class' },
    { name: 'dog', images: 15, as: 'class' },
    { name: 'junk', images: 5, as: 'ignore' },
  ]);
  assert.deepEqual(found.others, [
    { what: 'whole-slide', files: 1, first: 'slides/a.svs' },
    { what: 'dicom', files: 1, first: 'scan.dcm' },
  ]);
  assert.equal(found.files, 40);
  assert.equal(found.images, 37);
  assert.deepEqual(found.tables, []);
  assert.deepEqual(
    found.unreadable.map(({ file, code }) => [file, code]),
    [
      ['cat/broken.png', 'not-an-image'],
      ['dog/zero.jpg', 'empty'],
    ],
  );
  assert.equal(found.sample.length, 24);
  for (const { file, key } of found.sample) assert.equal(previewPath(key), join(where.images, file));
  assert.deepEqual([found.size?.width, found.size?.tooLarge], [16, false]);
  assert.deepEqual([found.project.folder, found.project.network], [where.project, false]);
  assert.ok(found.project.freeBytes > 0 && found.project.needsBytes > 36 * 1000);
});

test('a table beside the images is found, its columns are guessed, and what it says of groups is told', async (t) => {
  const where = places(t);
  for (let i = 0; i < 24; i++) put(where.images, `img${String(i).padStart(2, '0')}.png`, picture(i));
  const rows = Array.from({ length: 24 }, (_, i) => {
    const isMonocyte = i % 2 === 0;
    return `img${String(i).padStart(2, '0')}.png,${isMonocyte ? 'Monocyte' : 'Lymphocyte'},p${i % 3},${isMonocyte ? 'B' : i % 4 === 1 ? 'A' : 'B'}`;
  });
  put(where.images, '../labels.csv', `file,diagnosis,patient,scanner\n${rows.join('\n')}\nlost.png,Monocyte,p1,B\n`);
  const found = await look(where.images);
  assert.equal(found.layout, 'labels-file');
  const [table] = found.tables;
  assert.deepEqual(table?.guess, { file: 'file', label: 'diagnosis', rater: null, groups: ['patient', 'scanner'] });
  assert.deepEqual([table?.rows, table?.matched, table?.first.length], [25, 24, 5]);
  assert.deepEqual(
    found.classes.map(({ name, images }) => [name, images]),
    [
      ['Lymphocyte', 12],
      ['Monocyte', 12],
    ],
  );
  assert.deepEqual([found.groups?.source, found.groups?.count, found.groups?.unmatched], ['patient', 3, 0]);
  assert.ok(found.warnings.includes('Only 3 patients: nobody can tell how it does on a new one.'));
  assert.ok(found.warnings.includes('Every Monocyte comes from scanner B: it may be learning the scanner.'));
});

test('a pattern is suggested where names say who an image is of', async (t) => {
  const where = places(t);
  for (let i = 0; i < 12; i++) put(where.images, `P0${i % 3}_s2_${i}.png`, picture(i));
  const found = await look(where.images);
  assert.deepEqual([found.layout, found.groups, found.suggestedPattern], ['flat', null, 'P{group}_*']);
  const asked = await look(where.images, { groups: 'P{group}_*' });
  assert.deepEqual([asked.groups?.count, asked.suggestedPattern], [3, null]);
  assert.deepEqual(
    asked.groups?.sizes.map(({ images }) => images),
    [4, 4, 4],
  );
  await assert.rejects(look(where.images, { groups: 'P{group}*_' }), failsWith('groups.pattern'));
  await assert.rejects(look(join(where.images, 'no')), failsWith('folder.missing'));

  const many = (name: (i: number) => string): string[] => Array.from({ length: 40 }, (_, i) => name(i));
  assert.equal(
    suggestPattern(
      many((i) => `BA_${100 + i}.jpg`),
      1,
    ),
    null,
    'a running number is no group',
  );
  assert.equal(
    suggestPattern(
      many((i) => `cell_P${i % 5}_${i}.jpg`),
      0,
    ),
    '*_P{group}_*',
  );
  assert.equal(
    suggestPattern(
      many((i) => `case${i % 5}/${i}.jpg`),
      0,
    ),
    '{group}/*',
  );
  assert.equal(
    suggestPattern(
      many((i) => `good/p${i % 5}/${i}.jpg`),
      1,
    ),
    '*/{group}/*',
  );
});

test('which range and page are used is said before anything is imported', async (t) => {
  const where = places(t);
  const values = new Uint16Array(256).map((_, i) => i * 200);
  const deep = sharp(values, { raw: { width: 16, height: 16, channels: 1 } });
  put(where.images, 'deep.png', await deep.toColourspace('grey16').png().toBuffer());
  const found = await look(where.images);
  assert.equal(found.size?.bits, 16);
  assert.deepEqual(found.warnings, ['Some images have 16 bits; each is shown over its own range of values.']);
});
