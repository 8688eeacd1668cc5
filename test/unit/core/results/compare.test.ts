import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import type { ViewSource } from '../../../../src/contract/view.ts';
import { closeProjects } from '../../../../src/core/db/projects.ts';
import { sight } from '../../../../src/core/labels/visibility.ts';
import { readScored } from '../../../../src/core/results/scored.ts';
import { viewSources } from '../../../../src/core/views/sources.ts';
import { pairedDifference } from '../../../../src/statistics/paired.ts';
import { call, desk } from '../apply/desk.ts';

after(closeProjects);

test('runs on the same labels are paired, and the images only one got right are those that are opened', async (t) => {
  const { project, seat, run, runs: make, results, engine } = await desk(t, { images: 200 });
  engine.right.adapted = 0.8;
  const first = await run();
  const other = { shots: 3, draws: 2, seeds: 1, seed: 5, regime: 'probe' } as const;
  const { run: second } = await make['runs.start']({ project: seat.project, ...other }, call);
  const { runs } = await results['results.compare']({ project: seat.project, run: first }, call);
  assert.deepEqual(
    runs.map(({ id }) => id),
    [second, first],
  );
  const [mine, selected] = runs;
  assert.deepEqual([selected!.paired, selected!.unpaired, mine!.unpaired], [null, null, null]);
  const { mean, ci, images, onlyThis, onlySelected } = mine!.paired!;
  assert.ok(Math.abs(mean - (mine!.score.mean - selected!.score.mean)) < 1e-9, 'the difference of the two scores');
  assert.ok(ci[0] <= mean && mean <= ci[1] && ci[0] < ci[1]);
  assert.equal(images, mine!.checkImages);

  const right = async ({ id, arm }: { id: string; arm: 'plain' | 'adapted' }): Promise<Set<number>> =>
    new Set((await readScored(project, id)).flatMap((each) => (each[arm].called === each.class ? each.image : [])));
  const [inMine, inSelected] = [await right(mine!), await right(selected!)];
  const opened = async (more: Partial<Extract<ViewSource, { kind: 'scored' }>>): Promise<number[]> => {
    const other = { run: first, arm: selected!.arm };
    const source = {
      kind: 'scored',
      run: second,
      arm: mine!.arm,
      truth: null,
      called: null,
      other,
      correct: 'only',
    } as const;
    const { ids } = await viewSources.scored(project, sight(project.db, 'ana'), { ...source, ...more });
    return [...ids!].sort((a, b) => a - b);
  };
  const missing = (from: Set<number>, other: Set<number>): number[] => [...from].filter((image) => !other.has(image));
  const only = missing(inMine, inSelected).sort((a, b) => a - b);
  assert.deepEqual(await opened({}), only);
  assert.equal(onlyThis, only.length);
  assert.equal(onlySelected, missing(inSelected, inMine).length);
  assert.ok(onlyThis > 0 && onlySelected > 0, `${onlyThis} ${onlySelected}`);
  assert.equal((await opened({ correct: 'either' })).length, onlyThis + onlySelected);
});

test('a run with other labels is not paired, and says why', async (t) => {
  const { project, seat, run, results, labels } = await desk(t, { images: 200 });
  const first = await run();
  const fix = async (side: string): Promise<void> => {
    const ofSide = `SELECT id FROM image JOIN counting_label ON image = id WHERE side = ? AND class = 'Beta' LIMIT 1`;
    const image = Number(project.db.prepare(ofSide).pluck().get(side));
    const value = { class: 'Alpha' };
    await labels['labels.set']({ ...seat, target: { images: [image] }, value, guessShown: false, joint: false }, call);
  };
  const reasons: (string | null)[] = [];
  for (const side of ['check', 'training']) {
    await fix(side);
    const id = await run();
    const { runs } = await results['results.compare']({ project: seat.project, run: first }, call);
    const row = runs.find((each) => each.id === id)!;
    assert.equal(row.paired, null);
    reasons.push(row.unpaired);
  }
  assert.deepEqual(reasons, ['check', 'training']);
});

test('a run has a name and a note, and can be deleted while it was not applied', async (t) => {
  const { project, seat, run, runs, results, apply, until } = await desk(t, { images: 200 });
  const [first, second] = [await run(), await run()];
  await runs['runs.describe']({ ...seat, run: first, name: ' with stain ', note: 'n' }, call);
  await runs['runs.describe']({ ...seat, run: first, note: '' }, call);
  const named = (await results['results.compare']({ project: seat.project, run: first }, call)).runs[1]!;
  assert.deepEqual([named.name, named.note], ['with stain', null]);
  await apply['apply.begin']({ ...seat, run: first }, call);
  await until(({ state }) => state === 'done');
  await assert.rejects(runs['runs.remove']({ ...seat, run: first }, call), { code: 'run.inUse' });
  await runs['runs.remove']({ ...seat, run: second }, call);
  assert.deepEqual(
    [first, second].map((id) => existsSync(join(project.paths.runs, id))),
    [true, false],
  );
  const left = (await results['results.compare']({ project: seat.project, run: first }, call)).runs;
  assert.deepEqual(
    left.map(({ id }) => id),
    [first],
  );
});

test('a paired difference: its mean, a range that groups widen, and none from one group', () => {
  const images = Array.from({ length: 60 }, (_, i) => ({ difference: i % 6 === 0 ? 1 : 0, cluster: i, weight: 1 }));
  const alone = pairedDifference(images);
  assert.ok(Math.abs(alone.mean - 1 / 6) < 1e-12);
  // s² / n of ten ones among sixty, Student's t of 59 degrees.
  const half = 2.000995 * Math.sqrt((10 * 50) / 60 / 59 / 60);
  assert.ok(Math.abs(alone.ci[1] - alone.mean - half) < 1e-5);
  const grouped = pairedDifference(images.map((image, i) => ({ ...image, cluster: i % 6 })));
  assert.ok(grouped.ci[1] - grouped.ci[0] > 2 * (alone.ci[1] - alone.ci[0]));
  assert.deepEqual(pairedDifference(images.map((image) => ({ ...image, cluster: 1 }))).ci, [-1, 1]);
});
