import assert from 'node:assert/strict';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import type { Scored } from '../../../../src/contract/run-files.ts';
import type { ViewSource } from '../../../../src/contract/view.ts';
import { closeProjects } from '../../../../src/core/db/projects.ts';
import { sight } from '../../../../src/core/labels/visibility.ts';
import { readScored } from '../../../../src/core/results/scored.ts';
import { viewSources } from '../../../../src/core/views/sources.ts';
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

test('seeds of both runs are in the range where there are several, and it is said where there is one', async (t) => {
  const { project, run, runs: make, results } = await desk(t, { images: 200 });
  const one = await run();
  const options = { project: project.folder, shots: 3, draws: 2, regime: 'probe' } as const;
  const start = async (seed: number): Promise<string> =>
    (await make['runs.start']({ ...options, seeds: 3, seed }, call)).run;
  const [two, three] = [await start(7), await start(8)];
  const pairedOf = async (selected: string, id: string) => {
    const { runs } = await results['results.compare']({ project: project.folder, run: selected }, call);
    const [of, to] = [id, selected].map((wanted) => runs.find((row) => row.id === wanted)!);
    assert.ok(Math.abs(of!.paired!.mean - (of!.score.mean - to!.score.mean)) < 1e-9);
    return of!.paired!;
  };
  const several = await pairedOf(two, three);
  assert.equal(several.outside, null);
  assert.equal((await pairedOf(one, two)).outside, 'selected');
  assert.equal((await pairedOf(two, one)).outside, 'this');
  const images = await Promise.all([two, three].map((id) => readScored(project, id)));
  for (const { plain } of images.flat()) {
    assert.deepEqual([plain.hits!.length, ...plain.hits!.map((seeds) => seeds.length)], [2, 3, 3]);
  }
  // A run from before each seed was kept: what it knows is the share.
  const file = join(project.paths.runs, two, 'scored.json');
  const old = JSON.parse(readFileSync(file, 'utf8'), (key, value: unknown) =>
    key === 'hits' || key === 'draws' ? undefined : value,
  ) as Scored;
  for (const [at, image] of old.images.entries()) {
    for (const arm of ['plain', 'adapted'] as const) {
      const hits = images[0]![at]![arm].hits!.flat();
      image[arm].right = hits.reduce((sum: number, hit) => sum + hit, 0) / hits.length;
    }
  }
  writeFileSync(file, JSON.stringify(old));
  const before = await pairedOf(two, three);
  assert.equal(before.outside, 'selected');
  assert.ok(Math.abs(before.mean - several.mean) < 1e-9);
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
