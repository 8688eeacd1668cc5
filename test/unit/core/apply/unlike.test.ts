import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import sharp from 'sharp';
import { closeProjects } from '../../../../src/core/db/projects.ts';
import { openFor } from '../views/tools.ts';
import { call, desk } from './desk.ts';

after(closeProjects);

test('images unlike the training images are counted, and listed the farthest first until they are reviewed', async (t) => {
  const { project, engine, run, seat, apply, labels, until } = await desk(t, { images: 200 });
  engine.isUnlike = (id) => id % 20 === 5;
  const { batch } = await apply['apply.begin']({ ...seat, run: await run() }, call);
  const done = await until(({ state }) => state === 'done');
  const unlike = [...Array(200).keys()].map((i) => i + 1).filter(engine.isUnlike);
  const { usual } = engine.unlike!;
  assert.deepEqual(done.unlike, {
    labels: 60,
    told: { of: 199, images: 10, toReview: 10, usual: usual!, isFar: false },
  });
  const pile = async (more: object = {}) =>
    (await openFor(project, 'ana', { source: { kind: 'review', batch, called: null, part: 'unlike', ...more } })).ids;
  assert.deepEqual(await pile(), unlike.toReversed());
  const [far, ...rest] = unlike.toReversed();
  await apply['apply.confirm']({ ...seat, batch, target: { images: [far!] } }, call);
  assert.deepEqual(await pile(), rest);
  assert.equal((await apply['apply.get']({ ...seat, batch }, call)).unlike?.told?.toReview, 9);
  await labels['labels.undo'](seat, call);
  assert.equal((await pile()).length, 10);
  const ofClass = await Promise.all([0, 1].map((called) => pile({ called })));
  assert.deepEqual(
    ofClass.map((ids) => ids.length).reduce((a, b) => a + b),
    10,
  );

  const sample = async (size: number) => pile({ part: { sample: size } });
  assert.equal((await sample(30)).length, 30);
  assert.deepEqual((await sample(30)).slice(0, 7), await sample(7), 'the same ones every time');
});

test('a folder whose images are mostly unlike stands out', async (t) => {
  const { engine, folder, run, seat, apply, until } = await desk(t, { images: 200 });
  const other = join(folder, '..', 'other');
  mkdirSync(other);
  for (let i = 0; i < 31; i++) {
    const image = sharp({ create: { width: 8, height: 8, channels: 3, background: { r: 8 * i, g: 0, b: 90 } } });
    writeFileSync(join(other, `${i}.png`), await image.png().toBuffer());
  }
  engine.isUnlike = (id) => id > 200 && id % 2 === 0;
  const { batch } = await apply['apply.begin']({ ...seat, run: await run(), folder: other }, call);
  const done = await until((told) => told.batch === batch && told.state === 'done');
  assert.deepEqual([done.named, done.unlike?.told?.images, done.unlike?.told?.isFar], [30, 15, true]);
});

test('with too few training images nothing is said; what was named before is told when it is applied again', async (t) => {
  const { project, engine, told, run, seat, apply, until } = await desk(t, { images: 200 });
  const named: number[] = [];
  engine.before = (name, { images }) => {
    if (name === 'job.predict') named.push((images as unknown[]).length);
  };
  const id = await run();
  engine.unlike = { version: 1, labels: 12, limit: null, usual: null };
  const { batch } = await apply['apply.begin']({ ...seat, run: id }, call);
  const done = await until(({ state }) => state === 'done');
  assert.deepEqual(done.unlike, { labels: 12, told: null });
  const again = async () => {
    named.length = 0;
    told.length = 0;
    await apply['apply.begin']({ ...seat, run: id }, call);
    await until(({ state }) => state === 'done');
    return apply['apply.get']({ ...seat, batch }, call);
  };
  await again();
  assert.deepEqual(named, [1], 'the one that the double had lost');

  // As a database from before has it.
  project.db.prepare(`UPDATE batch SET unlike = NULL`).run();
  assert.equal((await apply['apply.get']({ ...seat, batch }, call)).unlike, null);
  engine.unlike = { version: 1, labels: 60, limit: 0.4, usual: { share: 0.05, images: 60 } };
  engine.isUnlike = (image) => image === 7;
  const { unlike } = await again();
  assert.deepEqual(named, [200]);
  assert.equal(unlike?.told?.images, 1);
});
