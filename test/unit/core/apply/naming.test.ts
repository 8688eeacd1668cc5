import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import sharp from 'sharp';
import { closeProjects } from '../../../../src/core/db/projects.ts';
import { appliedBatch } from '../../../../src/core/views/applied.ts';
import { untilAborted } from '../runs/sample-engine.ts';
import { call, desk } from './desk.ts';

after(closeProjects);

test('images are named in pieces for nobody in particular, and applying again names only what is missing', async (t) => {
  const { project, engine, run, seat, apply, until } = await desk(t, { images: 1200 });
  const pieces: number[] = [];
  engine.before = (name, { images }) => {
    if (name === 'job.predict') pieces.push((images as unknown[]).length);
  };
  const id = await run();
  const begun = await apply['apply.begin']({ ...seat, run: id, arm: 'adapted' }, call);
  assert.deepEqual([begun.state, begun.images, begun.arm, begun.number], ['naming', 1200, 'adapted', 1]);
  const done = await until(({ state }) => state === 'done');
  assert.deepEqual(pieces, [1000, 200], 'review can open at the first thousand');
  // The double loses the first image of each piece.
  assert.equal(done.named, 1198);
  assert.equal(appliedBatch(project.db), begun.batch);

  pieces.length = 0;
  const again = await apply['apply.begin']({ ...seat, run: id, arm: 'adapted' }, call);
  assert.equal(again.batch, begun.batch);
  await until(({ named }) => named === 1199);
  assert.deepEqual(pieces, [2]);
});

test('naming is cancelled; what was named is kept; a batch that a dead process left can be begun again', async (t) => {
  const { project, engine, run, seat, apply, until } = await desk(t, { images: 1200 });
  const id = await run();
  let isHeld = true;
  engine.before = (name, { images }, signal) => {
    if (name === 'job.predict' && (images as unknown[]).length === 200 && isHeld) return untilAborted(signal);
  };
  const { batch } = await apply['apply.begin']({ ...seat, run: id }, call);
  assert.equal((await until(({ named }) => named > 0)).named, 999);
  await apply['apply.cancel']({ ...seat, batch }, call);
  assert.equal((await until(({ state }) => state === 'cancelled')).named, 999);

  isHeld = false;
  project.db.prepare(`UPDATE batch SET state = 'naming'`).run();
  const { batches } = await apply['apply.list'](seat, call);
  assert.deepEqual([batches[0]?.state, batches[0]?.error?.includes('interrupted')], ['failed', true]);
  await apply['apply.begin']({ ...seat, run: id }, call);
  assert.equal((await until(({ state }) => state === 'done')).batch, batch);
});

test('an older model that is applied again is the applied one', async (t) => {
  const { project, run, seat, apply, until } = await desk(t, { images: 200 });
  const [first, second] = [await run(), await run()];
  const applied: number[] = [];
  for (const id of [first, second, first]) {
    const { batch } = await apply['apply.begin']({ ...seat, run: id }, call);
    await until((told) => told.batch === batch && told.state === 'done');
    applied.push(batch);
    assert.equal(appliedBatch(project.db), batch);
  }
  assert.equal(new Set(applied).size, 3);
});

test('images of another folder are a batch of their own: named, never learned from', async (t) => {
  const { project, folder, run, seat, apply, exports, until } = await desk(t, { images: 200 });
  const other = join(folder, '..', 'other');
  mkdirSync(other);
  for (const [name, background] of Object.entries({ one: '#a40', two: '#04a', three: '#0a4' })) {
    const image = sharp({ create: { width: 8, height: 8, channels: 3, background } });
    writeFileSync(join(other, `${name}.png`), await image.png().toBuffer());
  }
  writeFileSync(join(other, 'empty.png'), '');
  const id = await run();
  const { batch } = await apply['apply.begin']({ ...seat, run: id, folder: other }, call);
  const done = await until(({ state }) => state === 'done');
  // One is lost by the double.
  assert.deepEqual([done.folder, done.images, done.named, done.unreadable], ['other', 3, 2, 1]);
  assert.equal(appliedBatch(project.db), null, 'the images of the project were not named');
  const sides = project.db.prepare(`SELECT DISTINCT role, side FROM image WHERE batch = ?`).all(batch);
  assert.deepEqual(sides, [{ role: 'batch', side: null }]);
  const table = { ...seat, what: 'predictions', batch, format: 'plain', locale: 'en', anonymous: false } as const;
  await assert.rejects(exports['exports.make']({ ...table, out: join(other, 'names.csv') }, call), {
    code: 'export.insideImages',
  });
});
