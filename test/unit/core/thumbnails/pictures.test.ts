import assert from 'node:assert/strict';
import { existsSync, readFileSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import sharp from 'sharp';
import type { Project } from '../../../../src/core/db/open.ts';
import { createPictures, thumbPath } from '../../../../src/core/thumbnails/pictures.ts';
import { previewKey } from '../../../../src/core/thumbnails/previews.ts';
import { failsWith, importInto, picture, places, put } from '../library-tools.ts';

const never = new AbortController().signal;

async function two(t: TestContext) {
  const where = places(t);
  put(where.images, 'a.png', picture(1, 400));
  put(where.images, 'copy of a.png', picture(1, 400));
  put(where.images, 'b.png', picture(2, 400));
  put(where.images, 'bad.png', 'nothing');
  const { project } = await importInto(t, where, { layout: 'flat' });
  const pictures = createPictures();
  t.after(() => pictures.close());
  return { ...where, project, pictures };
}
const row = (project: Project, file: string) =>
  project.db.prepare<[string], { id: number; hash: string }>(`SELECT id, hash FROM image WHERE file = ?`).get(file)!;

test('a thumbnail is kept by content: copies share it, and it outlives its source', async (t) => {
  const { project, pictures, images } = await two(t);
  const [a, copy] = [row(project, 'a.png'), row(project, 'copy of a.png')];
  const { type, bytes } = await pictures.read(project, a.id, 'thumb', never);
  const facts = await sharp(bytes).metadata();
  assert.deepEqual([type, facts.width, facts.height], ['image/jpeg', 256, 256]);
  await pictures.settled();
  const kept = thumbPath(project.paths, a.hash, 0);
  assert.ok(kept.startsWith(project.paths.thumbnails), 'where clearing and deleting find it');
  assert.ok(readFileSync(kept).equals(bytes));
  writeFileSync(kept, 'the copy on disk');
  const again = await pictures.read(project, copy.id, 'thumb', never);
  assert.equal(Buffer.from(again.bytes).toString(), 'the copy on disk', 'served from disk, for the copy too');
  renameSync(images, `${images}-unplugged`);
  assert.equal((await pictures.read(project, a.id, 'thumb', never)).bytes.length, again.bytes.length);
  assert.equal(
    (await pictures.read(project, a.id, 'view', never)).bytes.length,
    again.bytes.length,
    'better small than not',
  );
  await assert.rejects(pictures.read(project, row(project, 'b.png').id, 'view', never), failsWith('image.unreadable'));
});

test('a project that is closed meanwhile, as one that was only looked at is, still shows the pictures asked for', async (t) => {
  const { project, pictures } = await two(t);
  const [a, b] = [row(project, 'a.png').id, row(project, 'b.png').id];
  const asked = [pictures.read(project, a, 'thumb', never), pictures.read(project, b, 'view', never)];
  project.close();
  for (const { bytes } of await Promise.all(asked)) assert.ok(bytes.length > 0);
});

test('a view is the image itself, whole; what was never read is told', async (t) => {
  const { project, pictures } = await two(t);
  const view = await pictures.read(project, row(project, 'b.png').id, 'view', never);
  assert.equal(view.type, 'image/png');
  const pixels = await sharp(view.bytes).raw().toBuffer();
  assert.ok(pixels.equals(await sharp(picture(2, 400)).removeAlpha().raw().toBuffer()));
  await assert.rejects(
    pictures.read(project, row(project, 'bad.png').id, 'thumb', never),
    failsWith('image.unreadable'),
  );
  await assert.rejects(pictures.read(project, 999, 'thumb', never), failsWith('image.unknown'));
});

test('a file that has changed since is shown as it is now and kept under no old name', async (t) => {
  const { project, pictures, images } = await two(t);
  const b = row(project, 'b.png');
  writeFileSync(join(images, 'b.png'), picture(9, 64));
  const { bytes } = await pictures.read(project, b.id, 'thumb', never);
  assert.equal((await sharp(bytes).metadata()).width, 64);
  await pictures.settled();
  assert.ok(!existsSync(thumbPath(project.paths, b.hash, 0)));
});

test(
  'a file replaced by a link out of the folder is not followed',
  { skip: process.platform === 'win32' },
  async (t) => {
    const { project, pictures, images } = await two(t);
    writeFileSync(`${images}-secret.png`, picture(5));
    rmSync(join(images, 'b.png'));
    symlinkSync(`${images}-secret.png`, join(images, 'b.png'));
    await assert.rejects(
      pictures.read(project, row(project, 'b.png').id, 'view', never),
      failsWith('image.unreadable'),
    );
  },
);

test('a picture of a folder that is only looked at is fetched by its key', async (t) => {
  const { pictures, images } = await two(t);
  const key = previewKey(join(images, 'a.png'));
  assert.ok(!key.includes('a.png'));
  assert.equal((await sharp((await pictures.preview(key, never)).bytes).metadata()).width, 256);
  await assert.rejects(pictures.preview('AAAAAAAAAAAAAAAA', never), failsWith('image.key'));
});
