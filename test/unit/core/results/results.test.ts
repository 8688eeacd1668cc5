import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
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
  assert.equal(project.db.prepare(`SELECT count(*) FROM audit WHERE kind = 'seen'`).pluck().get(), 1);
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
    [{ arm: other, rater: 'ana', run: id }],
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
