import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import sharp from 'sharp';
import { createImagePool } from '../../../src/images/pool.ts';
import { png, save, scratch } from './files.ts';

test('copies fit the side asked for, and a small one to judge by is without loss', async (t) => {
  const pool = createImagePool({ size: 1 });
  t.after(() => pool.close());
  const folder = scratch(t);
  const path = save(
    folder,
    'a.png',
    png(600, 300, (x, y) => [x % 256, y % 256, (x * y) % 256]),
  );
  const hash = createHash('sha256').update(readFileSync(path)).digest('hex');
  const thumb = await pool.encode({ path }, { side: 256, use: 'thumb' });
  assert.ok(thumb.ok);
  const small = await sharp(thumb.value.encoded).metadata();
  assert.deepEqual([small.format, small.width, small.height, thumb.value.type], ['jpeg', 256, 128, 'image/jpeg']);
  assert.equal(thumb.value.hash, hash);
  const view = await pool.encode({ path }, { side: 4096, use: 'view' });
  assert.ok(view.ok && view.value.type === 'image/png');
  const [copy, source] = await Promise.all([
    sharp(view.value.encoded).raw().toBuffer(),
    sharp(path).removeAlpha().raw().toBuffer(),
  ]);
  assert.ok(copy.equals(source), 'not enlarged, no pixel changed');

  const large = `${folder}/large.jpg`;
  writeFileSync(
    large,
    await sharp({ create: { width: 5000, height: 2500, channels: 3, background: '#936' } })
      .jpeg()
      .toBuffer(),
  );
  const reduced = await pool.encode({ path: large }, { side: 4096, use: 'view' });
  assert.ok(reduced.ok);
  const facts = await sharp(reduced.value.encoded).metadata();
  assert.deepEqual([facts.format, facts.width, facts.chromaSubsampling], ['jpeg', 4096, '4:4:4']);
});

test('an abort ends the waiting, a file that is gone is told as such', async (t) => {
  const pool = createImagePool({ size: 1 });
  t.after(() => pool.close());
  const folder = scratch(t);
  const gone = await pool.encode({ path: `${folder}/no.png` }, { side: 256, use: 'thumb' });
  assert.ok(!gone.ok && gone.code === 'missing');
  const controller = new AbortController();
  const path = save(
    folder,
    'a.png',
    png(8, 8, () => [1, 2, 3]),
  );
  const waiting = pool.encode({ path }, { side: 256, use: 'thumb', signal: controller.signal });
  controller.abort(new Error('scrolled away'));
  await assert.rejects(waiting, /scrolled away/);
  assert.ok((await pool.encode({ path }, { side: 256, use: 'thumb' })).ok, 'the pool goes on');
});
