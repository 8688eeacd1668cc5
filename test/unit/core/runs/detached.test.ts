import assert from 'node:assert/strict';
import { after, test, type TestContext } from 'node:test';
import { AppError } from '../../../../src/contract/errors.ts';
import type { RunRow } from '../../../../src/contract/runs.ts';
import { ownSeat } from '../../../../src/contract/seat.ts';
import { closeProjects } from '../../../../src/core/db/projects.ts';
import { handlers as resultHandlers } from '../../../../src/core/results/handlers.ts';
import { handlers as runHandlers } from '../../../../src/core/runs/handlers.ts';
import { sampleEngine, untilAborted } from './sample-engine.ts';
import { sampleProject } from './sample-project.ts';

after(closeProjects);

const call = { signal: new AbortController().signal, seat: ownSeat, progress: () => {} };
const shots = { shots: 3, draws: 2, seeds: 1, regime: 'probe' as const };

async function desk(t: TestContext) {
  const { project, remove } = await sampleProject({ images: 200 });
  t.after(remove);
  const engine = sampleEngine();
  const told: { project: string; row: RunRow }[] = [];
  const waiting = new Set<() => void>();
  const context = {
    engine,
    emit: (name: string, data: unknown) => {
      if (name !== 'run.state') return;
      told.push(data as (typeof told)[number]);
      for (const look of waiting) look();
    },
  };
  return {
    project,
    engine,
    told,
    runs: runHandlers(context),
    until: (state: RunRow['state']): Promise<RunRow> =>
      new Promise((resolve) => {
        const look = (): void => {
          const last = told.at(-1)?.row;
          if (last?.state !== state) return;
          waiting.delete(look);
          resolve(last);
        };
        waiting.add(look);
        look();
      }),
  };
}

test('a run that is begun answers as soon as it runs, and goes on for nobody', async (t) => {
  const { project, runs, told, until } = await desk(t);
  const row = await runs['runs.begin']({ project: project.id, ...shots }, call);
  assert.deepEqual([row.state, row.finishedAt], ['running', null]);
  assert.equal((await runs['runs.list']({ project: project.id }, call)).runs[0]?.state, 'running');
  const finished = await until('finished');
  assert.equal(finished.id, row.id);
  assert.deepEqual(
    told.map(({ row: { state } }) => state),
    ['planned', 'running', 'finished'],
  );
  assert.ok(told.every(({ project: id }) => id === project.id));
});

test('pages that look while a run is being made do not take it for interrupted; a second is refused', async (t) => {
  const { project, runs, told, until } = await desk(t);
  const first = runs['runs.begin']({ project: project.id, ...shots }, call);
  while (told.length === 0) {
    await runs['runs.list']({ project: project.id }, call);
    await new Promise((resolve) => setImmediate(resolve));
  }
  await runs['runs.list']({ project: project.id }, call);
  await assert.rejects(runs['runs.begin']({ project: project.id, ...shots }, call), { code: 'run.busy' });
  await first;
  await until('finished');
  assert.ok(told.every(({ row: { state } }) => state !== 'interrupted'));
});

test('what goes wrong ends in the row, with its code', async (t) => {
  const { project, engine, runs, until } = await desk(t);
  engine.before = (name) => {
    if (name === 'job.finetune') throw new AppError('disk.full');
  };
  await runs['runs.begin']({ project: project.id, ...shots }, call);
  assert.equal((await until('paused')).errorCode, 'disk.full');
  engine.before = () => {};
  assert.equal((await runs['runs.continue']({ project: project.id }, call)).state, 'running');
  assert.equal((await until('finished')).errorCode, null);
});

test('a collapse stops the run and says so by code', async (t) => {
  const { project, engine, runs, until } = await desk(t);
  engine.collapses = true;
  await runs['runs.begin']({ project: project.id, ...shots }, call);
  assert.equal((await until('stopped')).errorCode, 'train.collapsed');
});

test('what was learned so far is kept, trained with and checked', async (t) => {
  const { project, engine, runs, until } = await desk(t);
  let isHeld = true;
  engine.before = (name, _, signal) => {
    if (name === 'job.adapt' && isHeld) return untilAborted(signal);
  };
  const { id } = await runs['runs.begin']({ project: project.id, ...shots }, call);
  const kept = runs['runs.cancel']({ project: project.id, run: id, keep: true }, call);
  isHeld = false;
  assert.equal((await kept).state, 'running');
  await until('finished');
  const results = await resultHandlers()['results.get']({ project: project.id, run: id }, call);
  assert.ok(results.notes.some((note) => note.startsWith('Adapting was stopped by hand')));
});

test('results are brought up to date with the adaptation that is there, and nobody has to wait for it', async (t) => {
  const { project, engine, runs, until } = await desk(t);
  const first = await runs['runs.begin']({ project: project.id, ...shots }, call);
  await until('finished');
  const before = engine.worked.length;
  const row = await runs['runs.begin']({ project: project.id, from: first.id }, call);
  assert.deepEqual([row.kind, row.state], ['finetune', 'running']);
  assert.equal((await until('finished')).id, row.id);
  const worked = engine.worked.slice(before);
  assert.ok(worked.includes('finetune adapted 0 0'), worked.join(', '));
  assert.ok(!worked.some((work) => work.startsWith('adapt')), worked.join(', '));
  const results = await resultHandlers()['results.get']({ project: project.id, run: row.id }, call);
  assert.equal(results.protocol.shots, shots.shots, 'as the run was made whose adaptation it has');

  const again = await runs['runs.begin']({ project: project.id, from: first.id, fraction: 0.2 }, call);
  assert.equal((await until('finished')).id, again.id);
  const { protocol } = await resultHandlers()['results.get']({ project: project.id, run: again.id }, call);
  assert.deepEqual([protocol.shots, protocol.fraction], [null, 0.2], 'a share takes the place of the number');
});

test('what has no adaptation cannot be brought up to date, and no row is left of the try', async (t) => {
  const { project, runs } = await desk(t);
  const list = async () => (await runs['runs.list']({ project: project.id }, call)).runs;
  await assert.rejects(runs['runs.begin']({ project: project.id, from: 'r0' }, call), { code: 'run.unknown' });
  assert.deepEqual(await list(), []);
});

test('a run says what it is made to do before it begins and after it ended', async (t) => {
  const { project, runs, told, until } = await desk(t);
  await runs['runs.begin']({ project: project.id, ...shots }, call);
  const { about } = await until('finished');
  assert.deepEqual(told[0]!.row.about, about);
  assert.deepEqual([about?.backbone, about?.images, about?.shots], ['efficientnet-lite0', 200, shots.shots]);
});
