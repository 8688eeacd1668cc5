import assert from 'node:assert/strict';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { scoredSchema } from '../../../../src/contract/run-files.ts';
import type { ViewSource } from '../../../../src/contract/view.ts';
import { closeProjects } from '../../../../src/core/db/projects.ts';
import { viewSources } from '../../../../src/core/views/sources.ts';
import { sight } from '../../../../src/core/labels/visibility.ts';
import { call, desk } from '../apply/desk.ts';

after(closeProjects);

test('the images behind every cell are exactly the ones counted in it', async (t) => {
  const { project, seat, run, results } = await desk(t, { images: 200 });
  const id = await run();
  const see = sight(project.db, 'ana');
  for (const arm of ['plain', 'adapted'] as const) {
    const { classes, counts } = await results['results.confusion']({ project: seat.project, run: id, arm }, call);
    for (const truth of classes.keys()) {
      for (const called of classes.keys()) {
        const { ids } = await viewSources.scored(project, see, {
          kind: 'scored',
          run: id,
          arm,
          truth,
          called,
          correct: null,
        });
        assert.equal(ids?.length, counts[truth]?.[called], `${arm} ${truth} ${called}`);
      }
    }
  }
});

test('trust: every bin and every step of the curve opens exactly the images it counts', async (t) => {
  const { project, seat, run, results } = await desk(t, { images: 200 });
  const id = await run();
  const arm = 'plain';
  const trust = await results['results.trust']({ project: seat.project, run: id, arm }, call);
  assert.ok(trust.fit?.after && trust.fit.temperature?.value === 2);
  assert.deepEqual([trust.draws, trust.ofMean], [2, false]);
  const opened = async (more: Partial<Extract<ViewSource, { kind: 'scored' }>>): Promise<number> => {
    const source = { kind: 'scored', run: id, arm, truth: null, called: null, correct: null, ...more } as const;
    return (await viewSources.scored(project, sight(project.db, 'ana'), source)).ids!.length;
  };
  for (const version of ['before', 'after'] as const) {
    const corrected = version === 'after';
    const bins = trust.bins[version]!;
    // The double says 0.8 of everything; a temperature of 2 makes that 2/3 of two classes. Its draws disagree, and the
    // 0.5 of their mean is said by neither.
    assert.deepEqual(
      bins.map(({ said }) => said.toFixed(3)),
      [corrected ? '0.667' : '0.800'],
    );
    for (const { from, to, images, hits, misses } of bins) {
      assert.equal(await opened({ said: { from, to, corrected } }), images);
      assert.equal(await opened({ said: { from, to, corrected }, correct: true }), hits);
      assert.equal(await opened({ said: { from, to, corrected }, correct: false }), misses);
      assert.ok(hits + misses > images, 'its two draws disagree on some images');
      assert.equal(await opened({ said: { from: 0.99, to: 1, corrected } }), 0);
    }
    for (const { threshold, wrong } of trust.risk[version]!) {
      assert.equal(await opened({ said: { from: threshold, to: 1, corrected }, correct: false }), wrong.hits);
    }
  }
});

test('a run from before percentages were corrected shows what it said, and says that no more is known', async (t) => {
  const { project, seat, run, results } = await desk(t, { images: 200 });
  const id = await run();
  const folder = join(project.paths.runs, id);
  for (const name of ['scores.json', 'scored.json']) {
    const text = readFileSync(join(folder, name), 'utf8');
    const old = JSON.parse(text, (key, value: unknown) =>
      ['trust', 'corrected', 'right', 'draws'].includes(key) && typeof value !== 'number' ? undefined : value,
    ) as unknown;
    writeFileSync(join(folder, name), JSON.stringify(old));
  }
  const of = { project: seat.project, run: id, arm: 'plain' } as const;
  const { fit, bins, risk, draws, ofMean } = await results['results.trust'](of, call);
  assert.deepEqual([draws, ofMean], [2, true], 'of the mean over its draws');
  assert.deepEqual([fit, bins.after, risk.after], [null, null, null]);
  assert.equal(bins.before?.at(-1)?.said.toFixed(3), '0.800');
});

test('labels changed after the results were seen are told, and only those of check images', async (t) => {
  const { project, seat, run, results, labels } = await desk(t, { images: 200 });
  const id = await run();
  const context = () => results['results.context']({ project: seat.project, run: id }, call);
  const fix = async (side: string, name = 'Beta'): Promise<void> => {
    const image = Number(project.db.prepare(`SELECT id FROM image WHERE side = ? LIMIT 1`).pluck().get(side));
    const value = { class: name };
    await labels['labels.set']({ ...seat, target: { images: [image] }, value, guessShown: false, joint: false }, call);
  };
  await fix('check');
  assert.equal((await context()).fixedAfter, 0, 'nobody had seen them');
  await results['results.seen']({ ...seat, run: id }, call);
  await results['results.seen']({ ...seat, run: id }, call);
  await fix('training');
  assert.equal((await context()).fixedAfter, 0);
  await fix('check');
  assert.equal((await context()).fixedAfter, 0, 'it says what it said');
  await fix('check', 'Alpha');
  assert.equal((await context()).fixedAfter, 1);
  await labels['labels.undo'](seat, call);
  assert.equal((await context()).fixedAfter, 0, 'it is as it was');
  await labels['labels.redo'](seat, call);
  const now = await context();
  assert.equal(now.fixedAfter, 1);
  assert.deepEqual([now.labelsThen, now.shipped, now.chosenByHand], [200, false, true]);
  const { counts } = await results['results.confusion']({ project: seat.project, run: id, arm: 'plain' }, call);
  const perClass = counts.map((row) => row.reduce((sum, n) => sum + n, 0));
  assert.equal(now.checkNamed, perClass[0]! + perClass[1]!);
  assert.equal(now.commonest.share, Math.max(...perClass) / now.checkNamed);
  await results['results.seen']({ ...seat, rater: 'ben', run: id }, call);
  const seen = project.db
    .prepare(`SELECT json_extract(payload, '$.rater') FROM audit WHERE kind = 'seen'`)
    .pluck()
    .all();
  assert.deepEqual(seen, ['ana', 'ben'], 'once for each who saw them');
  assert.equal((await context()).fixedAfter, 1, 'counted from the first');
});

test('choosing the other model is logged, and it is the one that is applied', async (t) => {
  const { project, seat, run, results, apply, until } = await desk(t, { images: 200 });
  const id = await run();
  const { chosen } = await results['results.context']({ project: seat.project, run: id }, call);
  const other = chosen === 'plain' ? 'adapted' : 'plain';
  await results['results.choose']({ ...seat, run: id, arm: other }, call);
  assert.equal((await apply['apply.begin']({ ...seat, run: id }, call)).arm, other);
  await until(({ state }) => state === 'done');
  const logged = project.db.prepare(`SELECT payload FROM audit WHERE kind = 'choose'`).pluck().all().map(String);
  assert.deepEqual(
    logged.map((payload) => JSON.parse(payload) as unknown),
    [{ against: true, arm: other, rater: 'ana', recommended: chosen, run: id }],
  );
});

test('a run from before the lists of images were kept says so', async (t) => {
  const { project, seat, run, results } = await desk(t, { images: 200 });
  const id = await run();
  rmSync(join(project.paths.runs, id, 'scored.json'));
  const ask = { project: seat.project, run: id };
  await assert.rejects(results['results.confusion']({ ...ask, arm: 'plain' }, call), { code: 'run.noScored' });
  assert.equal((await results['results.get'](ask, call)).run, id, 'its scores are there');
});

test('check images that were drawn unequally are weighted in every score, and counted as images all the same', async (t) => {
  const { project, seat, run, results, apply, until } = await desk(t, { images: 200 });
  const { db } = project;
  const check = db.prepare<[], number>(`SELECT id FROM image WHERE side = 'check' ORDER BY id`).pluck().all();
  // The last five were labelled by hand; a training image that was a check image once is none now.
  const draw = db.prepare(`INSERT INTO check_draw (image, time, probability) VALUES (?, '', ?)`);
  const drawn = check.slice(0, -5);
  for (const [at, image] of drawn.entries()) draw.run(image, at % 4 === 0 ? 0.8 : 0.2);
  draw.run(db.prepare<[], number>(`SELECT id FROM image WHERE side = 'training'`).pluck().get(), 0.01);
  const id = await run();
  const ask = { project: seat.project, run: id };

  const { images } = scoredSchema.parse(JSON.parse(readFileSync(join(project.paths.runs, id, 'scored.json'), 'utf8')));
  assert.deepEqual(
    images.map(({ image }) => image),
    check,
  );
  const weight = new Map(images.map((image) => [image.image, image.weight!]));
  assert.equal(weight.get(check[1]!)! / weight.get(check[0]!)!, 4);
  assert.ok(Math.abs(drawn.reduce((sum, image) => sum + weight.get(image)!, 0) - drawn.length) < 1e-9);
  assert.deepEqual(
    check.slice(-5).map((image) => weight.get(image)),
    [1, 1, 1, 1, 1],
  );

  const told = await results['results.get'](ask, call);
  assert.equal(told.protocol.weighted, true);
  assert.equal(told.protocol.checkImages, check.length);
  assert.ok(told.notes.some((note) => note.includes('more likely to be drawn')));
  const { counts, weights } = await results['results.confusion']({ ...ask, arm: 'plain' }, call);
  const sum = (table: readonly number[][] | undefined): number => table!.flat().reduce((total, n) => total + n, 0);
  assert.deepEqual([sum(counts), sum(weights?.sums).toFixed(9)], [check.length, check.length.toFixed(9)]);
  const squares = [...weight.values()].reduce((total, value) => total + value ** 2, 0);
  assert.ok(Math.abs(sum(weights?.squares) - squares) < 1e-9);
  const { commonest } = await results['results.context'](ask, call);
  const perClass = weights!.sums.map((row) => row.reduce((total, n) => total + n, 0));
  assert.ok(Math.abs(commonest.share - Math.max(...perClass) / sum(weights?.sums)) < 1e-12);

  const { batch } = await apply['apply.begin']({ ...seat, run: id, arm: 'plain' }, call);
  await until(({ state }) => state === 'done');
  const { points } = await apply['apply.curve']({ ...seat, batch }, call);
  const answers = images.flatMap(({ plain, ...image }) => plain.draws!.map((answer) => ({ ...image, ...answer })));
  const above = answers.filter(({ corrected }) => corrected! >= points[0]!.threshold);
  const weigh = (some: typeof above): number => some.reduce((total, answer) => total + answer.weight!, 0);
  const wrong = weigh(above.filter((answer) => answer.called !== answer.class)) / weigh(above);
  assert.ok(Math.abs(points[0]!.wrong!.mean - wrong) < 1e-12);
  assert.equal(points[0]!.wrong!.images, new Set(above.map(({ image }) => image)).size);
});

test('drawn evenly, nothing is weighted', async (t) => {
  const { project, seat, run, results } = await desk(t, { images: 200 });
  project.db.exec(
    `INSERT INTO check_draw (image, time, probability) SELECT id, '', 0.3 FROM image WHERE side = 'check'`,
  );
  const ask = { project: seat.project, run: await run() };
  assert.equal((await results['results.get'](ask, call)).protocol.weighted, undefined);
  assert.equal((await results['results.confusion']({ ...ask, arm: 'plain' }, call)).weights, null);
});
