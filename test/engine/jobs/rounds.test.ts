import assert from 'node:assert/strict';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { adapt, type Adapted } from '../../../src/engine/jobs/adapt.ts';
import { withJob } from '../../../src/engine/jobs/job.ts';
import { phasesOf } from '../../../src/engine/jobs/phases.ts';
import { viewPreset } from '../../../src/engine/augment/presets.ts';
import { method, settingsOf } from '../../../src/engine/methods/registry.ts';
import type { EngineServices } from '../../../src/engine/jobs/services.ts';
import { teacherOf } from '../../../src/engine/jobs/teacher.ts';
import { writeSafetensors } from '../../../src/engine/weights/safetensors.ts';
import { miniRun, quiet, twinServices, type MiniRun } from './mini-run.ts';
import { watched } from './watched.ts';

const services = twinServices();
after(() => services.close());

const epochs = 3;
const stepsPerEpoch = 3;
const chosen = { words: 16, warmUpEpochs: 0 };
const project = (await miniRun()).project;
const makeRun = (runId: string): Promise<MiniRun> =>
  miniRun({ project, runId, adapt: { epochs }, spec: { method: { name: 'bownet', settings: chosen } } });
const adaptIn = (run: MiniRun, engine: EngineServices, signal?: AbortSignal): Promise<Adapted> =>
  withJob(engine, { runFolder: run.folder, device: 'cpu' }, quiet(signal), (job) => adapt(job, 0));
const isStep = (program: string): boolean => /^(rotation|bownet)-/.test(program);

test('BoWNet learns turns, then words in two rounds, each begun from a vocabulary of its own', async () => {
  const programs: string[] = [];
  const engine = watched(services, (program) => {
    if (programs.at(-1) !== program) programs.push(program);
    return undefined;
  });
  const { outcome, monitor } = await adaptIn(await makeRun('whole'), engine);
  assert.equal(outcome, 'finished');
  const kinds = programs.map((program) => program.split('-')[0]).filter((kind) => kind !== 'embed');
  const round = ['places', 'kmeans', 'bownet'];
  assert.deepEqual(kinds, ['rotation', ...round, ...round]);
  assert.deepEqual(
    monitor.map(({ sign }) => sign?.means),
    [undefined, undefined, 'collapsed', 'collapsed'],
    'turns tell nothing of words',
  );
  for (const { sign } of monitor.slice(2)) assert.ok((sign?.value ?? 0) > 1, `${sign?.value} words in use`);
});

test('stopped after every single step, also between rounds, it ends with the same bytes', async () => {
  const whole = await adaptIn(await makeRun('whole'), services);
  const run = await makeRun('polite');
  for (let sessions = 1; ; sessions++) {
    const stop = new AbortController();
    const engine = watched(services, (program) => {
      if (isStep(program)) stop.abort(new Error('paused'));
      return undefined;
    });
    const { outcome, sha256 } = await adaptIn(run, engine, stop.signal);
    if (outcome === 'finished') {
      assert.equal(sha256, whole.sha256);
      assert.equal(sessions, epochs * stepsPerEpoch);
      return;
    }
    assert.ok(sessions < 30);
  }
});

test('passes are shared out evenly, and a round begins anew with the student before as its teacher', async () => {
  const bownet = method('bownet');
  const backbone = services.backbone('efficientnet-lite0');
  const context = {
    backbone,
    settings: settingsOf(bownet, chosen),
    batch: 4,
    recordSide: 64,
    size: 32,
    views: viewPreset('upright'),
  };
  const passes = (count: number): number[][] => phasesOf(bownet, context, count).map(({ from, to }) => [from, to]);
  assert.deepEqual(passes(6), [
    [0, 2],
    [2, 4],
    [4, 6],
  ]);
  assert.deepEqual(passes(4), [
    [0, 1],
    [1, 3],
    [3, 4],
  ]);
  const [, round] = phasesOf(bownet, context, 3);
  const weights = await services.weights(backbone, '', project);
  const student = Object.fromEntries(
    Object.entries(weights).map(([name, tensor]) => [name, { ...tensor, data: tensor.data.map((v) => v + 1) }]),
  ) as typeof weights;
  const { generator } = await import('../../../src/engine/data/random.ts');
  const state = round?.program.initialState(weights, generator(0, 'heads'), student) ?? {};
  for (const name of Object.keys(weights)) {
    assert.deepEqual(state[`online.backbone.${name}`]?.data, weights[name]?.data);
    assert.deepEqual(state[`target.backbone.${name}`]?.data, student[name]?.data);
  }
});

test('a student learns from what a run of the same project made of a larger backbone', async () => {
  const teacher = await miniRun({
    project,
    runId: 'teacher',
    spec: { backbone: { name: 'efficientnet-lite2', weightsSha256: '0'.repeat(64) } },
  });
  const larger = services.backbone('efficientnet-lite2');
  const plain = await services.weights(larger, undefined, project);
  const adapted = Object.fromEntries(
    Object.entries(plain).map(([name, tensor]) => [name, { ...tensor, data: tensor.data.map((v) => 2 * v) }]),
  ) as typeof plain;
  await mkdir(join(teacher.folder, 'adapt'));
  await writeSafetensors(join(teacher.folder, 'adapt', 'seed-0.safetensors'), adapted);
  const settings = { warmUpEpochs: 0, teacher: 'efficientnet-lite2', teacherRun: 'teacher' };
  const run = await miniRun({
    project,
    runId: 'student',
    adapt: { epochs: 1 },
    spec: { method: { name: 'distill', settings } },
  });
  await withJob(services, { runFolder: run.folder, device: 'cpu' }, quiet(), async (job) => {
    const named = (wrong: Record<string, string>) => teacherOf(job, method('distill'), { ...settings, ...wrong });
    assert.deepEqual(await named({}), adapted);
    assert.deepEqual(await named({ teacherRun: '' }), plain);
    assert.equal(await teacherOf(job, method('byol'), {}), null);
    for (const wrong of [{ teacherRun: 'none' }, { teacherRun: '../teacher' }, { teacher: 'efficientnet-lite1' }])
      await assert.rejects(named(wrong), { code: 'method.setting' });
  });
  const { outcome, monitor } = await adaptIn(run, services);
  assert.equal(outcome, 'finished');
  assert.equal(monitor.at(-1)?.sign?.means, 'stalled');
});
