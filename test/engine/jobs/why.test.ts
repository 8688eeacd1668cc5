import assert from 'node:assert/strict';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { after, test } from 'node:test';
import sharp from 'sharp';
import { verdictOf } from '../../../src/findings/why.ts';
import { generator } from '../../../src/engine/data/random.ts';
import { handlers } from '../../../src/engine/handlers.ts';
import { writeModel } from '../../../src/engine/jobs/model-file.ts';
import { openRun } from '../../../src/engine/jobs/run-folder.ts';
import { readSafetensors } from '../../../src/engine/weights/safetensors.ts';
import { miniRun, quiet, twinServices } from './mini-run.ts';

const services = twinServices();
after(() => services.close());
const table = handlers(services);
const device = 'cpu';
const arm = 'plain';

/** Noise, and one square at the right upper edge whose colour tells the class: nothing else does. */
async function planted(id: number, kind: number): Promise<Buffer> {
  const [width, height] = [60, 40];
  const noise = generator(id, 'planted').uniform(width * height * 3);
  const pixels = Buffer.alloc(width * height * 3);
  for (let at = 0; at < pixels.length; at++) {
    const [x, y] = [Math.floor(at / 3) % width, Math.floor(at / 3 / width)];
    const isSquare = x >= 45 && x < 55 && y >= 2 && y < 12;
    pixels[at] = isSquare ? (at % 3 === kind ? 250 : 20) : 110 + 8 * noise[at]!;
  }
  return sharp(pixels, { raw: { width, height, channels: 3 } })
    .png()
    .toBuffer();
}

test('the map is highest where the class was planted, better than chance in the deletion test, with images of that class beside it', async () => {
  const { folder: runFolder, manifest } = await miniRun({ images: 48, picture: planted });
  await table['job.deploy']({ runFolder, device, arm }, quiet());
  // What is left of the picture when all is covered says nothing for the last class; some of it does for the others.
  for (const image of [3, 11].map((id) => manifest.images[id]!)) {
    const why = await table['job.why']({ runFolder, device, arm, image, class: null }, quiet());
    const kind = image.id % 3;
    assert.equal(why.called, kind, 'the small network tells the classes apart');
    assert.deepEqual([why.class, why.rows, why.columns], [kind, 8, 12]);
    const best = why.map.indexOf(Math.max(...why.map));
    const [row, column] = [Math.floor(best / 12), best % 12];
    assert.ok(row <= 2 && column >= 8 && column <= 11, `most in row ${row}, column ${column}`);
    assert.ok(why.deletion.map.area < why.deletion.random.area - 0.05);
    if (kind === 2) assert.equal(verdictOf(why), 'holds');
    assert.ok(why.near.length > 3);
    for (const each of why.near) {
      assert.equal(each.class, kind);
      assert.notEqual(each.image % 4, 3, 'no check image');
    }

    const other = await table['job.why']({ runFolder, device, arm, image, class: (kind + 1) % 3 }, quiet());
    assert.ok(other.map[best]! < 0, 'what speaks for one class speaks against another');
  }
  const [, , , image] = manifest.images;
  await assert.rejects(table['job.why']({ runFolder, device, arm, image: image!, class: 3 }, quiet()), {
    code: 'classes.unknown',
  });
});

test('the models of all seeds are asked, as prediction does; what is lost, or was never trained, is told', async () => {
  const run = await miniRun({ images: 12, spec: { regimes: ['norm'] } });
  const { folder: runFolder, manifest } = run;
  const [first] = manifest.images;
  const asked = { runFolder, device, arm, image: first!, class: null } as const;
  await assert.rejects(table['job.why'](asked, quiet()), { code: 'job.not-trained' });
  const { paths } = await openRun(runFolder);
  const backbone = services.backbone(run.spec.backbone.name);
  const pretrained = await services.weights(backbone, undefined, null);
  for (const seed of [0, 1]) {
    const random = generator(seed, 'head');
    const numbers = (length: number, scale: number) => random.uniform(length).map((value) => scale * (value - 0.5));
    const head = {
      weight: numbers(backbone.features * 3, 0.8),
      bias: numbers(3, 0.1),
      mean: numbers(backbone.features, 0.1),
    };
    const model = { regime: 'norm', head, backbone: pretrained, columns: [] } as const;
    await writeModel(paths.deployed(arm, seed), model, ['a', 'b', 'c']);
  }
  const why = await table['job.why'](asked, quiet());
  const out = join(runFolder, 'rows');
  await table['job.predict']({ runFolder, device, arm, images: [first!], out }, quiet());
  const expected = (await readSafetensors(out)).tensors['probabilities']!.data as Float32Array;
  why.probabilities.forEach((value, at) => assert.ok(Math.abs(value - expected[at]!) < 1e-6));
  assert.ok(why.near.length > 0 && why.near.every(({ image }) => image !== first!.id), 'never beside itself');

  await rm(first!.path);
  const gone = { ...asked, image: { ...first!, hash: 'f'.repeat(64) } };
  await assert.rejects(table['job.why'](gone, quiet()), { code: 'why.unreadable' });
  const stopped = AbortSignal.abort(new Error('stop'));
  await assert.rejects(table['job.why'](asked, quiet(stopped)), /stop/);
});
