import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { closeProjects } from '../../../../src/core/db/projects.ts';
import { wilson } from '../../../../src/statistics/wilson.ts';
import { readScored } from '../../../../src/core/results/scored.ts';
import { call, desk } from './desk.ts';

after(closeProjects);

test('below its threshold an image is to review until it is confirmed; undo takes that back', async (t) => {
  const { project, run, seat, apply, labels, until } = await desk(t, { images: 200 });
  const { batch } = await apply['apply.begin']({ ...seat, run: await run() }, call);
  const done = await until(({ state }) => state === 'done');
  const at = { ...seat, batch };
  // The double gives every image 0.8: at the threshold is not below it.
  assert.deepEqual([done.named, done.toReview], [199, 0]);
  const strict = await apply['apply.threshold']({ ...at, threshold: 0.9, class: 'Alpha' }, call);
  const alpha = strict.perClass.find((each) => each.class === 'Alpha')!;
  assert.deepEqual([alpha.toReview, strict.toReview], [alpha.images, alpha.images]);

  const images = project.db
    .prepare<[number], number>(`SELECT image FROM prediction WHERE batch = ? AND class = 0 LIMIT 3`)
    .pluck()
    .all(batch);
  const before = project.db.prepare(`SELECT * FROM counting_label ORDER BY image`).all();
  const act = await apply['apply.confirm']({ ...at, target: { images } }, call);
  assert.deepEqual([act.kind, act.value, act.images], ['confirm', 'Alpha', 3]);
  const confirmed = await apply['apply.get'](at, call);
  assert.deepEqual([confirmed.toReview, confirmed.reviewed], [alpha.images - 3, 3]);
  assert.deepEqual(project.db.prepare(`SELECT * FROM counting_label ORDER BY image`).all(), before, 'no label');
  await labels['labels.undo'](seat, call);
  assert.equal((await apply['apply.get'](at, call)).toReview, alpha.images);

  assert.equal((await apply['apply.close']({ ...at, closed: true }, call)).closed, true);
});

test('the curve tells the wrong to expect from exactly the check images above each threshold', async (t) => {
  const { project, run, seat, apply, until } = await desk(t, { images: 200 });
  const id = await run();
  const { batch, arm } = await apply['apply.begin']({ ...seat, run: id }, call);
  await until(({ state }) => state === 'done');
  const { checkImages, points } = await apply['apply.curve']({ ...seat, batch }, call);
  const scored = await readScored(project, id);
  assert.equal(checkImages, scored.length);
  assert.deepEqual([points[0]?.threshold, points.at(-1)?.threshold], [0.5, 0.99]);
  const lowest = points[0]!.wrong!;
  const answers = scored.flatMap((image) => image[arm].draws!.map((answer) => ({ ...answer, image })));
  const above = answers.filter(({ corrected }) => corrected! >= 0.5);
  const wrong = above.filter(({ called, image }) => called !== image.class);
  assert.equal(lowest.images, new Set(above.map(({ image }) => image)).size);
  assert.ok(Math.abs(lowest.mean - wrong.length / above.length) < 1e-12);
  // Two answers about an image are no more evidence than one.
  const alone = wilson(lowest.mean * lowest.images, lowest.images);
  assert.ok(lowest.ci[0] < lowest.mean && lowest.mean < lowest.ci[1]);
  assert.ok(lowest.ci[1] - lowest.ci[0] > 0.95 * (alone[1] - alone[0]), `${lowest.ci} ${alone}`);
  assert.deepEqual([points.at(-1)!.named, points.at(-1)!.toReview, points.at(-1)!.wrong], [0, 199, null]);
});

test('each group is counted, with a range for every share', async (t) => {
  const { run, seat, apply, until } = await desk(t, { images: 200, groups: 20 });
  const { batch } = await apply['apply.begin']({ ...seat, run: await run() }, call);
  await until(({ state }) => state === 'done');
  const { classes, rows } = await apply['apply.counts']({ ...seat, batch }, call);
  assert.deepEqual(classes, ['Alpha', 'Beta']);
  assert.equal(rows.length, 20);
  assert.deepEqual(rows.map(({ group }) => group).slice(0, 3), ['P0', 'P1', 'P2'], 'in the order people count');
  for (const { images, counts, ranges, undecided } of rows) {
    assert.equal(counts.reduce((sum, n) => sum + n, 0) + undecided, images);
    counts.forEach((n, i) => {
      const [low, high] = ranges[i]!;
      assert.ok(low <= n / (images - undecided) && n / (images - undecided) <= high);
    });
  }
});

test('a score interval of a proportion, against published values', () => {
  // Newcombe, Statistics in Medicine 17 (1998), table I, method 3: 81 of 263 and 15 of 148.
  for (const [hits, of, low, high] of [
    [81, 263, 0.2553, 0.3662],
    [15, 148, 0.0624, 0.1605],
  ] as const) {
    const [from, to] = wilson(hits, of);
    assert.deepEqual([from.toFixed(4), to.toFixed(4)], [low.toFixed(4), high.toFixed(4)]);
  }
});

test('a class without a threshold of its own again follows the overall one', async (t) => {
  const { run, seat, apply, until } = await desk(t, { images: 200 });
  const { batch } = await apply['apply.begin']({ ...seat, run: await run() }, call);
  await until(({ state }) => state === 'done');
  const at = { ...seat, batch };
  const own = async (threshold: number | null, name: 'Alpha' | 'Beta') => {
    const input = threshold === null ? { threshold, class: name } : { threshold, class: name };
    return (await apply['apply.threshold']({ ...at, ...input }, call)).perClass.map((each) => each.threshold);
  };
  assert.deepEqual(await own(0.9, 'Alpha'), [0.9, null]);
  assert.deepEqual(await own(0.7, 'Beta'), [0.9, 0.7]);
  assert.deepEqual(await own(null, 'Alpha'), [null, 0.7]);
  assert.deepEqual(await own(null, 'Alpha'), [null, 0.7], 'clearing twice is clearing');
  // All are named with 0.8: what follows the overall threshold is now to review, what has its own is not.
  const strict = await apply['apply.threshold']({ ...at, threshold: 0.95, class: null }, call);
  const [alpha, beta] = strict.perClass;
  assert.deepEqual([alpha!.toReview, beta!.toReview], [alpha!.images, 0]);
});
