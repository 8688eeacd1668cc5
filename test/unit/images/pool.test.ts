import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { createImagePool } from '../../../src/images/pool.ts';
import type { ImageOutcome } from '../../../src/images/types.ts';
import { png, save, scratch } from './files.ts';

async function gather<T>(outcomes: AsyncIterable<ImageOutcome<T>>): Promise<ImageOutcome<T>[]> {
  const all: ImageOutcome<T>[] = [];
  for await (const outcome of outcomes) all[outcome.index] = outcome;
  return all;
}

const colours = (count: number, folder: string): { path: string }[] =>
  Array.from({ length: count }, (_, i) => ({
    path: save(
      folder,
      `${i}.png`,
      png(8, 8, () => [i, i, i]),
    ),
  }));

function children(): number[] {
  const { stdout } = spawnSync('pgrep', ['-P', String(process.pid), '-f', 'decoder-child'], { encoding: 'utf8' });
  return stdout.trim().split('\n').map(Number);
}

test('every source gets its own outcome, whatever the order they come in', async (t) => {
  const pool = createImagePool({ size: 2 });
  t.after(() => pool.close());
  const sources = colours(150, scratch(t));
  const records = await gather(pool.recordMany(sources, { side: 8 }));
  assert.equal(records.length, 150);
  records.forEach((outcome, i) => assert.ok(outcome.ok && outcome.value.pixels[0] === i));
  const facts = await gather(pool.inspectMany(sources.slice(0, 20)));
  facts.forEach((outcome, i) => assert.ok(outcome.ok && outcome.value.meanColour[0] === i));
});

test('an image that takes too long costs itself only', { skip: process.platform === 'win32' }, async (t) => {
  const folder = scratch(t);
  const sources = colours(40, folder);
  // Opening a pipe waits for a writer that never comes.
  const pipe = `${folder}/pipe.png`;
  assert.equal(spawnSync('mkfifo', [pipe]).status, 0);
  sources.splice(5, 0, { path: pipe });
  const pool = createImagePool({ size: 1, secondsPerImage: 1 });
  t.after(() => pool.close());
  const outcomes = await gather(pool.inspectMany(sources));
  assert.equal(outcomes.length, 41);
  outcomes.forEach((outcome, i) => {
    if (i === 5) assert.ok(!outcome.ok && outcome.code === 'timed-out');
    else assert.ok(outcome.ok);
  });
});

test('a child that dies is replaced and no image is lost', { skip: process.platform !== 'linux' }, async (t) => {
  const folder = scratch(t);
  const pool = createImagePool({ size: 1 });
  t.after(() => pool.close());
  const sources = colours(120, folder);
  const seen = new Set<number>();
  let killed = false;
  for await (const outcome of pool.inspectMany(sources)) {
    assert.ok(outcome.ok);
    seen.add(outcome.index);
    if (!killed) {
      killed = true;
      const pids = children();
      assert.equal(pids.length, 1);
      pids.forEach((pid) => process.kill(pid, 'SIGKILL'));
    }
  }
  assert.equal(seen.size, 120);
});

test(
  'what a child holds does not grow with the images it has read',
  { skip: process.platform !== 'linux' },
  async (t) => {
    const pool = createImagePool({ size: 1 });
    t.after(() => pool.close());
    // 200 KB of noise each, which nothing can make smaller.
    let noise = 1;
    const picture = png(256, 256, () => [
      (noise = (noise * 48271) % 2147483647) & 255,
      (noise >> 8) & 255,
      (noise >> 16) & 255,
    ]);
    const source = { path: save(scratch(t), 'noise.png', picture) };
    const sources = (count: number) => Array.from({ length: count }, () => source);
    const megabytes = (pid: number): number =>
      Number(/^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1024;
    await gather(pool.inspectMany(sources(20)));
    const [pid] = children() as [number];
    const early = megabytes(pid);
    let most = 0;
    for await (const { ok } of pool.inspectMany(sources(250))) {
      assert.ok(ok);
      most = Math.max(most, megabytes(pid));
    }
    assert.ok(most < early + 40, `${early.toFixed(0)} MB after 20 images, up to ${most.toFixed(0)} in 250 more`);
  },
);

test('aborting ends the loop with the signal’s reason', async (t) => {
  const pool = createImagePool({ size: 1 });
  t.after(() => pool.close());
  const controller = new AbortController();
  const reason = new Error('enough');
  let count = 0;
  await assert.rejects(async () => {
    for await (const outcome of pool.inspectMany(colours(200, scratch(t)), { signal: controller.signal })) {
      assert.ok(outcome.ok);
      if (++count === 3) controller.abort(reason);
    }
  }, reason);
  assert.ok(count < 200);
  const again = await gather(pool.inspectMany(colours(3, scratch(t))));
  assert.equal(again.filter(({ ok }) => ok).length, 3);
});

test('a folder in place of a file is an outcome, not an end', async (t) => {
  const folder = scratch(t);
  mkdirSync(`${folder}/a.png`);
  const pool = createImagePool({ size: 1 });
  t.after(() => pool.close());
  const [outcome] = await gather(pool.inspectMany([{ path: `${folder}/a.png` }]));
  assert.ok(outcome && !outcome.ok);
});

test('children that were started before there was work do it, and keep nothing from ending', async (t) => {
  const pool = createImagePool({ size: 2 });
  t.after(() => pool.close());
  pool.warm();
  const records = await gather(pool.recordMany(colours(40, scratch(t)), { side: 8 }));
  assert.ok(records.length === 40 && records.every(({ ok }) => ok));
  pool.warm();
  assert.equal((await gather(pool.recordMany(colours(3, scratch(t)), { side: 8 }))).length, 3);
});
