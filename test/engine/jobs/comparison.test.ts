import assert from 'node:assert/strict';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, test } from 'node:test';
import type * as TF from '@tensorflow/tfjs';
import type { ArmName } from '../../../src/contract/run-files.ts';
import { generator } from '../../../src/engine/data/random.ts';
import { temperaturesSchema } from '../../../src/contract/run-files.ts';
import { calibrate } from '../../../src/engine/jobs/calibrate.ts';
import { adapt } from '../../../src/engine/jobs/adapt.ts';
import { curve } from '../../../src/engine/jobs/curve.ts';
import { deploy } from '../../../src/engine/jobs/deploy.ts';
import { EMBED_BATCH } from '../../../src/engine/jobs/embedder.ts';
import { embed } from '../../../src/engine/jobs/embed.ts';
import { finetune } from '../../../src/engine/jobs/finetune.ts';
import { holdOutColumns } from '../../../src/engine/jobs/hold-out-columns.ts';
import { withJob, type Job } from '../../../src/engine/jobs/job.ts';
import { predict } from '../../../src/engine/jobs/predict.ts';
import type { EngineServices } from '../../../src/engine/jobs/services.ts';
import { VIEWS } from '../../../src/engine/jobs/view-features.ts';
import type { HostTree } from '../../../src/engine/nn/types.ts';
import { finetuneSteps } from '../../../src/engine/regimes/registry.ts';
import { atTemperature } from '../../../src/statistics/temperature.ts';
import { tf } from '../../../src/engine/tf.ts';
import { readSafetensors, writeSafetensors } from '../../../src/engine/weights/safetensors.ts';
import { miniRun, quiet, twinServices, type MiniRun } from './mini-run.ts';
import { watched } from './watched.ts';

const services = twinServices();
after(() => services.close());
const inJob = <T>(run: MiniRun, work: (job: Job) => Promise<T>): Promise<T> =>
  withJob(services, { runFolder: run.folder, device: 'cpu' }, quiet(), work);
const file = (run: MiniRun, ...names: string[]): Promise<Buffer> => readFile(join(run.folder, ...names));
const tensors = async (run: MiniRun, ...names: string[]): Promise<HostTree> =>
  (await readSafetensors(join(run.folder, ...names))).tensors;
const values = (tree: HostTree, name: string): number[] => [...(tree[name]?.data ?? [])];
const regimeOf = async (run: MiniRun, name: string): Promise<string | undefined> =>
  (await readSafetensors(join(run.folder, 'predictions', name))).metadata['regime'];

async function cells(run: MiniRun, arms: readonly ArmName[], seeds = [0, 1], draws = [0, 1]): Promise<void> {
  await inJob(run, async (job) => {
    for (const seed of arms.includes('adapted') ? seeds : []) await adapt(job, seed);
    for (const arm of arms) for (const seed of seeds) for (const draw of draws) await finetune(job, arm, seed, draw);
  });
}

test('with zero epochs both arms say the same of every check image, byte for byte, by probe and by fine-tuning', async () => {
  for (const regime of ['probe', 'full'] as const) {
    const run = await miniRun({ adapt: { epochs: 0, seeds: 2 }, spec: { regimes: [regime] } });
    const draws = regime === 'probe' ? [0, 1] : [1];
    await cells(run, ['plain', 'adapted'], [0, 1], draws);
    for (const seed of [0, 1])
      for (const draw of draws)
        assert.deepEqual(
          await file(run, 'predictions', `plain-${seed}-${draw}.safetensors`),
          await file(run, 'predictions', `adapted-${seed}-${draw}.safetensors`),
        );
    const [first, second] = await Promise.all(
      [0, 1].map((seed) => file(run, 'predictions', `plain-${seed}-1.safetensors`)),
    );
    // Only fine-tuning depends on the seed where there is no adaptation.
    assert.equal(first?.equals(second ?? Buffer.alloc(0)), regime === 'probe');
  }
});

test('after adaptation the arms differ, and so do its seeds; what is done is not done again', async () => {
  const run = await miniRun();
  await cells(run, ['plain', 'adapted'], [0, 1], [0]);
  const names = ['plain-0-0', 'adapted-0-0', 'adapted-1-0'].map((name) => `${name}.safetensors`);
  const files = await Promise.all(names.map((name) => file(run, 'predictions', name)));
  assert.equal(new Set(files.map((bytes) => bytes.toString('base64'))).size, 3);
  const predictions = await tensors(run, 'predictions', 'adapted-0-0.safetensors');
  assert.deepEqual(values(predictions, 'ids'), run.manifest.check);
  const probabilities = values(predictions, 'probabilities');
  for (let i = 0; i < run.manifest.check.length; i++) {
    const row = probabilities.slice(3 * i, 3 * i + 3);
    assert.ok(Math.abs(row.reduce((a, b) => a + b) - 1) < 1e-6);
  }
  assert.deepEqual(await inJob(run, (job) => embed(job, 'adapted', 0)), { images: 24, imagesPerSecond: 0 });
});

test('check images are not in the mean that features are centred by', async () => {
  const run = await miniRun();
  await inJob(run, (job) => embed(job, 'plain', 0));
  const features = await tensors(run, 'features', 'plain-0.safetensors');
  const ids = values(features, 'ids');
  const data = values(features, 'features');
  const width = values(features, 'mean').length;
  const meanOver = (wanted: readonly number[]): number[] =>
    Array.from(
      { length: width },
      (_, j) => wanted.reduce((sum, id) => sum + (data[ids.indexOf(id) * width + j] ?? NaN), 0) / wanted.length,
    );
  const distance = (a: number[], b: number[]): number => Math.hypot(...a.map((value, i) => value - (b[i] ?? NaN)));
  const mean = values(features, 'mean');
  // The specification lets adaptation see 12 of the 18 images of the training side.
  const adapted = await inJob(run, (job) => Promise.resolve(job.usable.adapt));
  assert.equal(adapted.length, 12);
  assert.ok(distance(mean, meanOver(adapted)) < 1e-6);
  assert.ok(distance(mean, meanOver(ids)) > 1e-5);
});

test('turns of an image change its features without test-time augmentation only', async () => {
  const plain = await miniRun();
  const turned = await miniRun({ spec: { testTimeAugmentation: true } });
  for (const run of [plain, turned]) await inJob(run, (job) => embed(job, 'plain', 0));
  const [a, b] = await Promise.all([plain, turned].map((run) => tensors(run, 'features', 'plain-0.safetensors')));
  assert.notDeepEqual(values(a ?? {}, 'features'), values(b ?? {}, 'features'));
});

/**
 * The twin with running statistics that fit its activations. By the formula alone all its features are nearly one
 * vector, and a step of any size throws them about.
 */
async function settledWeights(): Promise<HostTree> {
  await tf.setBackend('cpu');
  const backbone = services.backbone('efficientnet-lite0');
  const noise = generator(0, 'settling').uniform(12 * 32 * 32 * 3);
  const weights = await services.weights(backbone, '', '');
  for (let pass = 0; pass < 40; pass++) {
    const settled = tf.tidy(() => {
      const images = tf.tensor4d(noise, [12, 32, 32, 3]).mul(2).sub(1) as TF.Tensor4D;
      const tree = Object.entries(weights).map(
        ([name, { data, shape }]) => [name, tf.tensor(data, [...shape])] as const,
      );
      const { updates } = backbone.forward(Object.fromEntries(tree), images, 'batch');
      return Object.entries(updates).map(([name, tensor]) => [name, tensor.dataSync() as Float32Array] as const);
    });
    for (const [name, data] of settled) weights[name] = { ...weights[name]!, data };
  }
  return weights;
}

test('every regime learns its labels, and moves of the backbone what it may', async () => {
  const pretrained = await settledWeights();
  const settled: EngineServices = { ...services, weights: () => Promise.resolve(pretrained) };
  for (const regime of ['probe', 'norm', 'staged', 'full'] as const) {
    // One of them with a loss beside that of the labels, which must not keep it from them.
    const auxiliary = regime === 'staged' ? { auxiliary: { method: 'bownet', weight: 0.1 } } : {};
    const run = await miniRun({ spec: { regimes: [regime], ...auxiliary } });
    const everything = run.manifest.training.map(({ image }) => image);
    // Scored on what it learned from, to see that it learned.
    const manifest = { ...run.manifest, draws: [{ train: everything }], check: everything };
    await writeFile(join(run.folder, 'manifest.json'), JSON.stringify(manifest));
    await withJob(settled, { runFolder: run.folder, device: 'cpu' }, quiet(), (job) => finetune(job, 'plain', 0, 0));
    const { ids, probabilities } = await tensors(run, 'predictions', 'plain-0-0.safetensors');
    const classOf = new Map(run.manifest.training.map((label) => [label.image, label.class]));
    const right = [...(ids?.data ?? [])].filter((id, i) => {
      const row = [...(probabilities?.data.slice(3 * i, 3 * i + 3) ?? [])];
      return row.indexOf(Math.max(...row)) === classOf.get(id);
    }).length;
    assert.ok(right >= 0.9 * everything.length, `${regime}: ${right} of ${everything.length}`);
    const model = await tensors(run, 'models', 'plain-0-0.safetensors');
    const moved = Object.keys(pretrained).filter((name) => {
      const before = values(pretrained, name);
      return values(model, `backbone.${name}`).some((value, i) => value !== before[i]);
    });
    if (regime === 'probe') assert.equal(moved.length, 0);
    else if (regime === 'norm') assert.ok(moved.length > 0 && moved.every((name) => /bn\d\.(weight|bias)$/.test(name)));
    else assert.ok(moved.some((name) => name.includes('conv')) && !moved.some((name) => name.includes('running')));
  }
});

test('while the backbone is held nothing passes through it twice: views of an image are looked at once for all draws', async () => {
  const run = await miniRun({ spec: { regimes: ['staged'] } });
  const ran = new Map<string, number>();
  const counting = watched(services, (program) => {
    ran.set(program, (ran.get(program) ?? 0) + 1);
    return undefined;
  });
  const finetuned = async (draw: number): Promise<number[]> => {
    ran.clear();
    await withJob(counting, { runFolder: run.folder, device: 'cpu' }, quiet(), (job) =>
      finetune(job, 'plain', 0, draw),
    );
    const name = services.backbone('efficientnet-lite0').name;
    return [`embed-views-${name}`, 'head', `finetune-all-${name}`].map((program) => ran.get(program) ?? 0);
  };
  const [first = { train: [] }, second = { train: [] }] = run.manifest.draws;
  const steps = finetuneSteps(first.train.length, 3);
  const held = Math.round(steps / 3);
  const looked = (images: number): number => Math.ceil((VIEWS * images) / EMBED_BATCH);
  assert.deepEqual(await finetuned(0), [looked(first.train.length), held, steps - held]);
  const added = second.train.filter((image) => !first.train.includes(image)).length;
  assert.ok(added > 0 && added < second.train.length);
  assert.equal((await finetuned(1))[0], looked(added));
  const path = ['predictions', 'plain-0-1.safetensors'] as const;
  const before = await file(run, ...path);
  await rm(join(run.folder, ...path));
  assert.equal((await finetuned(1))[0], 0);
  assert.deepEqual(await file(run, ...path), before, 'kept features are those that were computed');
});

test('several regimes: each arm picks one, keeps it, and every cell is of it', async () => {
  const run = await miniRun({ spec: { regimes: ['probe', 'norm'] } });
  await cells(run, ['plain'], [0, 1], [0, 1]);
  const choice = JSON.parse((await file(run, 'models', 'regime-plain.json')).toString()) as { regime: string };
  for (const name of ['plain-0-0', 'plain-0-1', 'plain-1-0', 'plain-1-1'])
    assert.equal(await regimeOf(run, `${name}.safetensors`), choice.regime);
});

test('what is applied is the mean over seeds of the models of the draw with all labels, as they were scored', async () => {
  const run = await miniRun({ images: 40 });
  run.manifest.draws[1] = { train: run.manifest.training.map(({ image }) => image) };
  await writeFile(join(run.folder, 'manifest.json'), JSON.stringify(run.manifest));
  await cells(run, ['adapted'], [0, 1], [1]);
  const out = join(run.folder, 'predictions', 'applied.safetensors');
  const images = run.manifest.images.filter(({ id }) => run.manifest.check.includes(id));
  const files = await inJob(run, (job) => deploy(job, 'adapted'));
  assert.equal(files.length, 2);
  const summary = await inJob(run, (job) => predict(job, 'adapted', images, out));
  assert.equal(summary.images, images.length);
  const applied = await tensors(run, 'predictions', 'applied.safetensors');
  const seeds = await Promise.all([0, 1].map((seed) => tensors(run, 'predictions', `adapted-${seed}-1.safetensors`)));
  assert.deepEqual(values(applied, 'ids'), values(seeds[0] ?? {}, 'ids'));
  values(applied, 'probabilities').forEach((value, i) => {
    const mean = seeds.reduce((sum, tree) => sum + (values(tree, 'probabilities')[i] ?? NaN) / 2, 0);
    assert.ok(Math.abs(value - mean) < 1e-5, `${value} ${mean}`);
  });
});

test('predicting other images leaves out what cannot be read, and does not touch the cache', async () => {
  const run = await miniRun();
  const other = await miniRun({ images: 40 });
  await inJob(run, (job) => deploy(job, 'plain'));
  const cacheFile = join(run.manifest.cacheFolder, 'side-64', '00000.records');
  const before = await readFile(cacheFile);
  const gone = other.manifest.images[33]!;
  await rm(gone.path);
  const out = join(run.folder, 'other.safetensors');
  const { images, failed } = await inJob(run, (job) => predict(job, 'plain', other.manifest.images, out));
  assert.equal(images, 39);
  assert.deepEqual(failed, [{ image: 33, code: 'missing' }]);
  const ids = values(await tensors(run, 'other.safetensors'), 'ids');
  assert.deepEqual(
    ids,
    other.manifest.images.map(({ id }) => id).filter((id) => id !== 33),
  );
  assert.deepEqual(await readFile(cacheFile), before);
  await assert.rejects(
    inJob(run, (job) => predict(job, 'adapted', [], out)),
    { code: 'job.not-trained' },
  );
});

test('temperatures come from training labels alone, and what is applied is corrected by its own', async () => {
  const run = await miniRun({ images: 60 });
  run.manifest.draws[0] = { train: run.manifest.training.map(({ image }) => image) };
  await writeFile(join(run.folder, 'manifest.json'), JSON.stringify(run.manifest));
  const out = (name: string): string[] => ['predictions', `${name}.safetensors`];
  const images = run.manifest.images.filter(({ id }) => run.manifest.check.includes(id));
  await inJob(run, (job) => deploy(job, 'plain'));
  await inJob(run, (job) => predict(job, 'plain', images, join(run.folder, ...out('raw'))));
  const fitted = await inJob(run, (job) => calibrate(job, 'plain'));
  assert.equal(fitted.draws.length, run.manifest.draws.length);
  assert.equal(fitted.draws[1], null, 'the second draw shows the spread alone');
  assert.deepEqual(fitted.applied, fitted.draws[0]);
  assert.equal(fitted.applied?.labels, run.manifest.training.length);
  await inJob(run, (job) => predict(job, 'plain', images, join(run.folder, ...out('corrected'))));
  const [raw, corrected] = await Promise.all(['raw', 'corrected'].map((name) => tensors(run, ...out(name))));
  const { temperature } = fitted.applied!;
  assert.ok(Math.abs(temperature - 1) > 0.01, `${temperature} corrects something`);
  const expected = atTemperature(values(raw!, 'probabilities'), 3, temperature);
  values(corrected!, 'probabilities').forEach((value, i) => assert.ok(Math.abs(value - expected[i]!) < 1e-6));

  // Other features of the check images change nothing.
  const features = join(run.folder, 'features', 'plain-0.safetensors');
  const { tensors: kept, metadata } = await readSafetensors(features);
  const width = values(kept, 'mean').length;
  const ids = values(kept, 'ids');
  const data = Float32Array.from(values(kept, 'features'));
  ids.forEach((id, at) => run.manifest.check.includes(id) && data.fill(9, at * width, (at + 1) * width));
  await writeSafetensors(features, { ...kept, features: { ...kept['features']!, data } }, metadata);
  await rm(join(run.folder, 'models', 'temperatures-plain.json'));
  assert.deepEqual(await inJob(run, (job) => calibrate(job, 'plain')), fitted);
  const stored = JSON.parse((await file(run, 'models', 'temperatures-plain.json')).toString()) as unknown;
  assert.deepEqual(temperaturesSchema.parse(stored), fitted);
});

test('the learning curve is walked with training labels alone, to the probe that has all of them', async () => {
  const run = await miniRun({ images: 40 });
  run.manifest.draws[0] = { train: run.manifest.training.map(({ image }) => image) };
  await writeFile(join(run.folder, 'manifest.json'), JSON.stringify(run.manifest));
  await cells(run, ['plain'], [0], [0]);
  const count = await inJob(run, (job) => curve(job, 'plain'));
  const { ids, steps, called } = await tensors(run, 'predictions', 'curve-plain.safetensors');
  assert.deepEqual([...steps!.data], [1, 2, 3, 5, 8, 10]);
  assert.deepEqual([count, [...ids!.data]], [6, run.manifest.check]);
  const images = run.manifest.check.length;
  const [orders] = called!.shape as [number];
  const walk = (order: number, step: number): number[] => {
    const at = (order * count + step) * images;
    return [...called!.data.subarray(at, at + images)];
  };
  const whole = values(await tensors(run, 'predictions', 'plain-0-0.safetensors'), 'probabilities');
  const top = Array.from({ length: images }, (_, i) => {
    const row = whole.slice(3 * i, 3 * i + 3);
    return row.indexOf(Math.max(...row));
  });
  for (let order = 0; order < orders; order++) assert.deepEqual(walk(order, count - 1), top);
  const firsts = new Set(Array.from({ length: orders }, (_, order) => walk(order, 0).join()));
  assert.ok(firsts.size > 1, 'orders begin with other labels');
});

test('the learning curve of repeated splits walks the labels of each split, and asks about what it held out', async () => {
  const run = await miniRun({ images: 40 });
  const all = run.manifest.training.map(({ image }) => image);
  run.spec.protocol = { kind: 'subsample', draws: 2, check: 'repeated' };
  run.manifest.check = [];
  run.manifest.draws = [0, 1].map((draw) => ({
    train: all.filter((_, at) => at % 5 !== draw),
    score: all.filter((_, at) => at % 5 === draw),
  }));
  await writeFile(join(run.folder, 'spec.json'), JSON.stringify(run.spec));
  await writeFile(join(run.folder, 'manifest.json'), JSON.stringify(run.manifest));
  const count = await inJob(run, (job) => curve(job, 'plain'));
  const walked = await tensors(run, 'predictions', 'curve-plain.safetensors');
  for (const [draw, { train, score }] of run.manifest.draws.entries()) {
    assert.deepEqual([...walked[`ids.${draw}`]!.data], score);
    const steps = [...walked[`steps.${draw}`]!.data];
    assert.ok(Math.abs(steps.at(-1)! - train.length / 3) < 1e-6, 'the last step has all labels of the split');
    assert.deepEqual(walked[`called.${draw}`]!.shape, [1, steps.length, score!.length]);
    assert.ok(count >= steps.length && steps.length > 3);
  }
  assert.equal(await inJob(run, (job) => curve(job, 'plain')), count, 'what is there is not walked again');
});

test('a scanner is told by models that never saw it, from training labels alone', async () => {
  const run = await miniRun({ images: 60 });
  const { training } = run.manifest;
  // Scanner B has two of three classes: the third can only be learned from A.
  const values = training.map(({ image, class: index }) => ({
    image,
    value: index < 2 && image % 2 === 0 ? 'B' : 'A',
  }));
  run.manifest.reportBy = [
    { column: 'scanner', values },
    { column: 'site', values: [] },
  ];
  await writeFile(join(run.folder, 'manifest.json'), JSON.stringify(run.manifest));
  const { columns } = await inJob(run, (job) => holdOutColumns(job, 'plain'));
  assert.deepEqual(
    columns.map(({ column }) => column),
    ['scanner'],
  );
  const [a, b] = columns[0]!.rows;
  assert.deepEqual([a!.value, b!.value], ['A', 'B']);
  assert.equal(a!.labels + b!.labels, training.length);
  // Without A nobody knows the third class, which is in A alone.
  const third = training.filter((label) => label.class === 2).length;
  assert.ok(a!.without <= a!.labels - third, `${a!.without} of ${a!.labels}`);
  assert.ok(a!.with > a!.without && a!.difference.mean < 0);
  assert.ok(Math.abs(a!.difference.mean - (a!.without - a!.with) / a!.labels) < 1e-9);
});
