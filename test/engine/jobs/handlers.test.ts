import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { engineCalls, type EngineCalls } from '../../../src/contract/engine-calls.ts';
import type { Progress } from '../../../src/contract/progress.ts';
import { progressSchema } from '../../../src/contract/progress.ts';
import { handlers } from '../../../src/engine/handlers.ts';
import type { InputOf, OutputOf } from '../../../src/rpc/types.ts';
import { miniRun, quiet, twinServices } from './mini-run.ts';

const services = twinServices();
after(() => services.close());
const table = handlers(services);
const device = 'cpu';

/** Calls as core would: input and output go through the contract. */
async function call<K extends keyof EngineCalls>(
  name: K,
  input: InputOf<EngineCalls, K>,
  progress: (progress: Progress) => void = () => {},
): Promise<OutputOf<EngineCalls, K>> {
  const context = { ...quiet(), progress: (told: Progress) => progress(progressSchema.parse(told)) };
  const output = await table[name](engineCalls[name].input.parse(input) as InputOf<EngineCalls, K>, context);
  return engineCalls[name].output.parse(output) as OutputOf<EngineCalls, K>;
}

test('a whole run through the calls of the contract, from images to scores', async () => {
  const { folder: runFolder, manifest, spec } = await miniRun();
  await call('job.prepare', { runFolder });
  const stages = new Map<string, number[]>();
  const note = ({ stage, fraction }: Progress): void => {
    stages.set(stage, [...(stages.get(stage) ?? []), fraction]);
  };
  for (let seed = 0; seed < spec.adapt.seeds; seed++) {
    stages.clear();
    assert.equal((await call('job.adapt', { runFolder, device, seed }, note)).outcome, 'finished');
    const fractions = stages.get('adapt') ?? [];
    assert.deepEqual(
      fractions,
      fractions.toSorted((a, b) => a - b),
    );
    assert.equal(fractions.at(-1), 1);
  }
  for (const arm of ['plain', 'adapted'] as const)
    for (let seed = 0; seed < spec.adapt.seeds; seed++) {
      await call('job.embed', { runFolder, device, arm, seed });
      for (const draw of manifest.draws.keys())
        assert.equal((await call('job.finetune', { runFolder, device, arm, seed, draw })).regime, 'probe');
    }
  const checkLabels = manifest.check.map((image) => ({ image, class: image % 3, cluster: image }));
  const { arms } = await call('evaluate', { runFolder, checkLabels });
  assert.ok(arms.adapted.accuracy.mean > 1 / 3);
  assert.equal((await call('job.deploy', { runFolder, device, arm: 'adapted' })).files.length, spec.adapt.seeds);
  const out = join(runFolder, 'applied.safetensors');
  const { images } = manifest;
  assert.equal((await call('job.predict', { runFolder, device, arm: 'adapted', images, out })).images, images.length);
});

test('jobs asked for at once are done one after the other', async () => {
  const { folder: runFolder } = await miniRun();
  const [first, second] = await Promise.all([
    call('job.adapt', { runFolder, device, seed: 0 }),
    call('job.adapt', { runFolder, device, seed: 0 }),
  ]);
  assert.deepEqual(first, second);
});

test('a job that fails does not hold up the next', async () => {
  const { folder: runFolder } = await miniRun();
  const failing = call('job.embed', { runFolder: join(runFolder, 'none'), device, arm: 'plain', seed: 0 });
  const following = call('job.embed', { runFolder, device, arm: 'plain', seed: 0 });
  await assert.rejects(failing, { code: 'job.run-folder' });
  assert.ok((await following).images > 0);
});

test('the catalogue names what ships, and timing tells a speed for every part', async () => {
  const { backbones, methods, regimes, views } = await call('catalogue.list', {});
  assert.ok(backbones.some(({ name, sha256 }) => name === 'efficientnet-lite0' && /^[0-9a-f]{64}$/.test(sha256 ?? '')));
  const byol = methods.find(({ name }) => name === 'byol');
  assert.equal(typeof byol?.settings['learningRate'], 'number');
  assert.deepEqual(byol?.declared['learningRate']?.range, [0, 10]);
  for (const { settings, declared } of methods) {
    for (const [name, value] of Object.entries(settings)) {
      const { range, choices } = declared[name] ?? {};
      // A text is the name of something of the project; it stands at none.
      const isText = value === '';
      assert.ok(range || choices || isText || typeof value === 'boolean', `${name} says what it may be`);
    }
  }
  assert.deepEqual(
    regimes.map(({ name }) => name),
    ['probe', 'norm', 'staged', 'full', 'hyper-rule'],
  );
  assert.ok(views.length > 0);
  const speed = await call('machine.time', {
    backbone: 'efficientnet-lite0',
    method: 'byol',
    size: 32,
    device,
    batch: 4,
    engine: 'onnx',
  });
  for (const rate of [speed.adaptImagesPerSecond, speed.embedImagesPerSecond, speed.finetuneImagesPerSecond])
    assert.ok(rate > 0 && Number.isFinite(rate));
});
