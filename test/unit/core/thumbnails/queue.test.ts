import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isKey, keyText } from '../../../../src/core/thumbnails/keys.ts';
import { LatestFirst } from '../../../../src/core/thumbnails/latest-first.ts';
import { Shared } from '../../../../src/core/thumbnails/shared.ts';

const never = new AbortController().signal;

test('what was asked for last is begun first, and what was taken back never', async () => {
  const queue = new LatestFirst(1);
  const begun: string[] = [];
  let open = (): void => {};
  const gate = new Promise<void>((resolve) => (open = resolve));
  const ask = (name: string, signal = never) =>
    queue.run(async () => {
      begun.push(name);
      if (name === 'first') await gate;
    }, signal);
  const scrolledAway = new AbortController();
  const all = [ask('first'), ask('second'), ask('third', scrolledAway.signal), ask('fourth')];
  scrolledAway.abort(new Error('scrolled away'));
  await assert.rejects(all[2]!, /scrolled away/);
  open();
  await Promise.all([all[0], all[1], all[3]]);
  assert.deepEqual(begun, ['first', 'fourth', 'second']);
  await ask('later');
  assert.equal(begun.at(-1), 'later', 'the place is free again');
});

test('a failure frees its place', async () => {
  const queue = new LatestFirst(1);
  await assert.rejects(
    queue.run(() => Promise.reject(new Error('broken')), never),
    /broken/,
  );
  assert.equal(await queue.run(() => Promise.resolve(3), never), 3);
});

test('work for several callers is done once and given up with the last of them', async () => {
  const shared = new Shared<number>();
  let runs = 0;
  let given: AbortSignal | undefined;
  let finish = (_value: number): void => {};
  const work = (signal: AbortSignal): Promise<number> => {
    runs++;
    given = signal;
    return new Promise((resolve) => (finish = resolve));
  };
  const [one, two] = [new AbortController(), new AbortController()];
  const first = shared.run('a', one.signal, work);
  const second = shared.run('a', two.signal, work);
  one.abort(new Error('gone'));
  await assert.rejects(first, /gone/);
  assert.equal(given?.aborted, false, 'somebody waits still');
  finish(7);
  assert.deepEqual([await second, runs], [7, 1]);

  const three = new AbortController();
  const third = shared.run('a', three.signal, work);
  three.abort(new Error('gone'));
  await assert.rejects(third, /gone/);
  assert.equal(given?.aborted, true);
  assert.equal(runs, 2);
});

test('a key opens its own image of its own project only', () => {
  const key = keyText('p', 7);
  assert.ok(isKey('p', 7, key));
  assert.ok(!isKey('p', 8, key));
  assert.ok(!isKey('q', 7, key));
  for (const wrong of ['', key.slice(1), `${key}A`, '../../etc/passwd']) assert.ok(!isKey('p', 7, wrong));
  assert.match(key, /^[\w-]{16}$/);
});
