import assert from 'node:assert/strict';
import { readFile, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { handlers } from '../../../src/engine/handlers.ts';
import { faultyExecutor } from '../../../src/engine/fault.ts';
import { generator } from '../../../src/engine/data/random.ts';
import { writeModel } from '../../../src/engine/jobs/model-file.ts';
import { openRun } from '../../../src/engine/jobs/run-folder.ts';
import { Programs } from '../../../src/engine/jobs/services.ts';
import { openModelFile } from '../../../src/engine/runtime/model-file.ts';
import { readSafetensors } from '../../../src/engine/weights/safetensors.ts';
import { miniRun, quiet, twinServices, type MiniRun } from './mini-run.ts';

const services = twinServices();
after(() => services.close());
const table = handlers(services);
const device = 'cpu';
const arm = 'plain';
const about = { acclimate: '0.0.0', createdAt: '2026-01-01T00:00:00Z', thresholds: [0.8, 0.8, 0.5] };
const hostile = '<img src=x onerror=alert(1)> "a", `b` | c\n# d';

/**
 * A run with two made-up models that are averaged, over flips and turns. One class has a name that means harm.
 */
async function deployed(): Promise<MiniRun> {
  const run = await miniRun({ spec: { regimes: ['norm'], testTimeAugmentation: true } });
  const classes = run.manifest.classes.map(({ id, name }) => ({ id, name: id === 2 ? hostile : name }));
  await writeFile(join(run.folder, 'manifest.json'), JSON.stringify({ ...run.manifest, classes }));
  const { paths } = await openRun(run.folder);
  const backbone = services.backbone(run.spec.backbone.name);
  const pretrained = await services.weights(backbone, undefined, null);
  for (const seed of [0, 1]) {
    const random = generator(seed, 'head');
    const numbers = (length: number, scale: number) => random.uniform(length).map((value) => scale * (value - 0.5));
    const tuned = Object.entries(pretrained).map(([name, tensor]) => [
      name,
      { ...tensor, data: (tensor.data as Float32Array).map((value) => value * (1 + 0.1 * seed)) },
    ]);
    const head = {
      weight: numbers(backbone.features * classes.length, 0.8),
      bias: numbers(classes.length, 0.1),
      mean: numbers(backbone.features, 0.1),
    };
    const model = { regime: 'norm', head, backbone: Object.fromEntries(tuned), columns: [] } as const;
    await writeModel(paths.deployed(arm, seed), model, classes.map(({ name }) => name)); // prettier-ignore
  }
  return run;
}

test('an exported model says what the app says, for any number of images; a changed file is refused', async () => {
  const { folder: runFolder, manifest, spec } = await deployed();
  const { images } = manifest;
  const out = join(runFolder, 'model.onnx');
  const made = await table['job.export']({ runFolder, device, arm, images: images.slice(0, 5), about, out }, quiet());
  assert.ok(made.distance < 1e-5);
  assert.deepEqual([made.images, made.metadata.models, made.metadata.classes[2]], [5, 2, hostile]);

  const rows = join(runFolder, 'rows');
  await table['job.predict']({ runFolder, device, arm, images, out: rows }, quiet());
  const expected = (await readSafetensors(rows)).tensors['probabilities']!.data as Float32Array;
  assert.deepEqual(made.first, [...expected.subarray(0, 3)]);
  const pool = services.pool();
  const pixels = new Uint8Array(images.length * spec.recordSide ** 2 * 3);
  for await (const record of pool.recordMany(images, { side: spec.recordSide }))
    if (record.ok) pixels.set(record.value.pixels, record.index * record.value.pixels.length);
  const model = await openModelFile(out);
  assert.deepEqual(model.metadata, made.metadata);
  const said = await model.run(pixels);
  await model.close();
  assert.ok(said.every((value, i) => Math.abs(value - (expected[i] as number)) < 1e-5));
  assert.ok(new Set(expected).size > images.length, 'the images are told apart');

  const whole = await readFile(out);
  const changed = async (change: (bytes: Buffer) => Buffer): Promise<string> => {
    await writeFile(out, change(Buffer.from(whole)));
    return openModelFile(out).then(
      () => 'opened',
      (error: { code: string }) => error.code,
    );
  };
  const flipped = (at: number) =>
    changed((bytes) => {
      bytes[at] = (bytes[at] as number) ^ 1;
      return bytes;
    });
  assert.equal(await flipped(Math.floor(whole.length / 2)), 'model.damaged');
  assert.equal(await changed((bytes) => bytes.subarray(0, whole.length / 2)), 'model.format');
  assert.equal(await changed((bytes) => Buffer.concat([bytes, Buffer.from([0x6a, 0])])), 'model.format');
  // Text of the same length: an operator of the list by another, and by one that is not.
  const instead = (from: string, to: string) =>
    changed((bytes) => Buffer.from(bytes.toString('latin1').replace(from, to), 'latin1'));
  assert.equal(await instead('"\x04Conv', '"\x04Loop'), 'model.operator');
  assert.equal(await instead('"\x04Clip', '"\x04Relu'), 'model.damaged');
  assert.equal(await instead('acclimate-model', 'acclimate-mobel'), 'model.metadata');
  assert.equal(await instead('[0.8,0.8,0.5]', '[0.8,0.8,5.5]'), 'model.metadata');
  assert.equal(await instead('"class 0"', '"class 1"'), 'model.metadata');
  assert.equal(await changed(() => Buffer.from('\x89PNG not a model')), 'model.format');
});

test('a file that does not say what the app says is deleted, and the one of before stays', async () => {
  const { folder: runFolder, manifest } = await deployed();
  const executor = await services.executor('onnx', device);
  const wrong = handlers({
    ...services,
    programs: new Programs(),
    executor: () => Promise.resolve(faultyExecutor(executor)),
  });
  const out = join(runFolder, 'model.onnx');
  await writeFile(out, 'of before');
  await assert.rejects(
    wrong['job.export']({ runFolder, device, arm, images: manifest.images.slice(0, 2), about, out }, quiet()),
    { code: 'model.unverified' },
  );
  assert.equal(await readFile(out, 'utf8'), 'of before');
  assert.deepEqual(
    (await readdir(runFolder)).filter((name) => name.startsWith('model.')),
    ['model.onnx'],
  );
});
