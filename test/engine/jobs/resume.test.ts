import assert from 'node:assert/strict';
import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { AppError } from '../../../src/contract/errors.ts';
import { adapt, type Adapted } from '../../../src/engine/jobs/adapt.ts';
import { withJob } from '../../../src/engine/jobs/job.ts';
import type { EngineServices } from '../../../src/engine/jobs/services.ts';
import { miniRun, quiet, twinServices, type MiniRun } from './mini-run.ts';
import { watched } from './watched.ts';

const services = twinServices();
after(() => services.close());

const epochs = 3;
const stepsPerEpoch = 3;
const project = (await miniRun()).project;
const makeRun = (runId: string): Promise<MiniRun> => miniRun({ project, runId, adapt: { epochs } });
const adaptIn = (run: MiniRun, engine: EngineServices, signal?: AbortSignal): Promise<Adapted> =>
  withJob(engine, { runFolder: run.folder, device: 'cpu' }, quiet(signal), (job) => adapt(job, 0));
const isStep = (program: string): boolean => program.startsWith('byol');

const reference = await makeRun('reference');
const whole = await adaptIn(reference, services);

test('an uninterrupted adaptation ends with its curve and without saved points', async () => {
  assert.equal(whole.outcome, 'finished');
  assert.deepEqual(
    whole.monitor.map(({ epoch }) => epoch),
    [0, 1, 2, 3],
  );
  assert.deepEqual((await readdir(join(reference.folder, 'adapt'))).sort(), ['seed-0.json', 'seed-0.safetensors']);
  const again = await adaptIn(
    reference,
    watched(services, () => assert.fail('what is finished is not done again')),
  );
  assert.deepEqual(again, whole);
});

test('stopped politely after every single step, it ends with the same bytes', async () => {
  const run = await makeRun('polite');
  let sessions = 0;
  for (;;) {
    const stop = new AbortController();
    const engine = watched(services, (program) => {
      if (isStep(program)) stop.abort(new Error('paused'));
      return undefined;
    });
    const { outcome, sha256 } = await adaptIn(run, engine, stop.signal);
    sessions++;
    if (outcome === 'finished') {
      assert.equal(sha256, whole.sha256);
      break;
    }
    assert.equal(outcome, 'paused');
    assert.ok(sessions < 30);
  }
  assert.equal(sessions, epochs * stepsPerEpoch);
});

test('crashed at every step boundary once, it ends with the same bytes', async () => {
  const run = await makeRun('crashing');
  for (let crashAt = 1; crashAt <= epochs * stepsPerEpoch; crashAt++) {
    // Only what was saved at the ends of epochs survives: this session starts at the last of them.
    const begins = Math.floor((crashAt - 1) / stepsPerEpoch) * stepsPerEpoch;
    let step = begins;
    const engine = watched(services, (program) => {
      if (isStep(program) && ++step === crashAt) throw new Error('crash');
      return undefined;
    });
    await assert.rejects(adaptIn(run, engine), /crash/);
  }
  const { outcome, sha256, monitor } = await adaptIn(run, services);
  assert.equal(outcome, 'finished');
  assert.equal(sha256, whole.sha256);
  const curve = (rows: Adapted['monitor']) => rows.map((row) => ({ ...row, imagesPerSecond: null }));
  assert.deepEqual(curve(monitor), curve(whole.monitor));
});

test('numbers out of range: back to the saved point with half the rate, noted; a second time it fails', async () => {
  const run = await makeRun('out-of-range');
  let steps = 0;
  const nan = { shape: [], dtype: 'float32' as const, data: Float32Array.of(NaN) };
  const once = watched(services, (program, metrics) =>
    isStep(program) && ++steps === 5 ? { ...metrics, loss: nan } : undefined,
  );
  const { outcome, sha256 } = await adaptIn(run, once);
  assert.equal(outcome, 'finished');
  assert.notEqual(sha256, whole.sha256);
  assert.equal(steps, epochs * stepsPerEpoch + 2, 'the two steps since the saved point were done again');
  const record = JSON.parse(await readFile(join(run.folder, 'adapt', 'seed-0.json'), 'utf8')) as {
    notes: string[];
    notices: unknown;
  };
  assert.match(record.notes.join(), /pass 2/);
  assert.deepEqual(record.notices, [{ code: 'train.nan', params: { pass: 2 } }]);

  const always = watched(services, (program, metrics) => (isStep(program) ? { ...metrics, loss: nan } : undefined));
  await assert.rejects(adaptIn(await makeRun('never-in-range'), always), { code: 'train.nan' });
});

test('without enough memory it goes on with half as many images at a time, from the saved point', async () => {
  const run = await makeRun('out-of-memory');
  const full = run.spec.adapt.batch;
  let steps = 0;
  const tight = watched(services, (program, _metrics, images) => {
    if (!isStep(program)) return undefined;
    // The second pass meets its limit; smaller steps fit.
    if (images === full && ++steps === 5) throw new AppError('memory.out');
    return undefined;
  });
  const { outcome, monitor } = await adaptIn(run, tight);
  assert.equal(outcome, 'finished');
  assert.deepEqual(
    monitor.map(({ epoch }) => epoch),
    [0, 1, 2, 3],
    'no pass is lost or done twice',
  );
  const record = JSON.parse(await readFile(join(run.folder, 'adapt', 'seed-0.json'), 'utf8')) as { notices: unknown };
  assert.deepEqual(record.notices, [{ code: 'memory.out', params: { from: full, to: full / 2 } }]);

  const none = watched(services, (program) => {
    if (isStep(program)) throw new AppError('memory.out');
    return undefined;
  });
  await assert.rejects(adaptIn(await makeRun('never-enough'), none), { code: 'memory.out' });
});

test('a backbone that tells all images alike twice in a row ends the run as collapsed', async () => {
  const run = await makeRun('collapsing');
  let looks = 0;
  const engine = watched(services, (program, metrics) => {
    const { features } = metrics;
    // Row 0 sees 18 images in one batch of 32; from then on every feature is the same.
    if (!features || !program.startsWith('embed') || ++looks === 1) return undefined;
    return { features: { ...features, data: new Float32Array(features.data.length).fill(1) } };
  });
  const { outcome, monitor } = await adaptIn(run, engine);
  assert.equal(outcome, 'collapsed');
  assert.equal(monitor.length, 3, 'it stops after the second such epoch');
  assert.equal((await adaptIn(run, services)).outcome, 'collapsed');
});

test('zero epochs leave the pretrained backbone, to the bit', async () => {
  const run = await miniRun({ project, runId: 'zero', adapt: { epochs: 0 } });
  const engine = watched(services, (program) => {
    assert.ok(!isStep(program));
    return undefined;
  });
  const { outcome, monitor } = await adaptIn(run, engine);
  assert.equal(outcome, 'finished');
  assert.equal(monitor.length, 1);
  const { readSafetensors } = await import('../../../src/engine/weights/safetensors.ts');
  const { tensors } = await readSafetensors(join(run.folder, 'adapt', 'seed-0.safetensors'));
  const backbone = services.backbone(run.spec.backbone.name);
  assert.deepEqual(tensors, await services.weights(backbone, '', project));
});
