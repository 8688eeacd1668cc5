import assert from 'node:assert/strict';
import { mkdtemp, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { AppError, type ErrorCode } from '../../../../src/contract/errors.ts';
import { backbone, backboneNames, twin } from '../../../../src/engine/backbones/registry.ts';
import type { HostTree } from '../../../../src/engine/nn/types.ts';
import { importWeights } from '../../../../src/engine/weights/import.ts';
import { torchShape } from '../../../../src/engine/weights/layout.ts';
import { loadBackboneWeights } from '../../../../src/engine/weights/load.ts';
import { findWeights, shippedWeights } from '../../../../src/engine/weights/manifest.ts';
import { readSafetensors, writeSafetensors } from '../../../../src/engine/weights/safetensors.ts';
import { formulaTensor, formulaTree } from '../../../engine/support/formula.ts';

let folder: string;
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'acclimate-weights-'));
});
after(() => rm(folder, { recursive: true }));

const small = twin('resnet18', { widthDivisor: 16, blocksPerStage: 1 });

/** A file as timm saves it: PyTorch shapes, a classifier. */
const timmTree = (): HostTree => ({
  ...Object.fromEntries(
    small.params.map((spec) => {
      const shape = torchShape(spec);
      return [spec.name, { shape, dtype: 'float32' as const, data: formulaTensor(spec.name, shape) }];
    }),
  ),
  'fc.weight': { shape: [10, small.features], dtype: 'float32', data: new Float32Array(10 * small.features) },
  'fc.bias': { shape: [10], dtype: 'float32', data: new Float32Array(10) },
});

async function written(name: string, change: (tree: HostTree) => void = () => undefined): Promise<string> {
  const tree = timmTree();
  change(tree);
  const path = join(folder, name);
  await writeSafetensors(path, tree);
  return path;
}

const refuses = (promise: Promise<unknown>, code: ErrorCode, message: RegExp): Promise<void> =>
  assert.rejects(promise, (error) => {
    assert.ok(error instanceof AppError, String(error));
    assert.equal(error.code, code);
    assert.match(error.message, message);
    return true;
  });

describe('weights of a backbone', () => {
  it("brings timm's tensors into the engine's layouts and leaves the classifier out", async () => {
    assert.deepEqual(await loadBackboneWeights(small, await written('good')), formulaTree(small));
  });

  it('names what is missing, left over, or of another shape', async () => {
    const lacks = await written('lacks', (tree) => {
      delete tree['layer2.0.bn1.weight'];
      delete tree['layer3.0.conv1.weight'];
    });
    await refuses(loadBackboneWeights(small, lacks), 'weights.missing', /lacks 2 .*layer2\.0\.bn1\.weight/);
    const more = await written('more', (tree) => {
      tree['layer1.7.conv1.weight'] = tree['layer1.0.conv1.weight']!;
    });
    await refuses(loadBackboneWeights(small, more), 'weights.extra', /layer1\.7\.conv1\.weight/);
    const turned = await written('turned', (tree) => {
      const stem = tree['conv1.weight']!;
      tree['conv1.weight'] = { ...stem, shape: [...stem.shape].reverse() };
    });
    await refuses(
      loadBackboneWeights(small, turned),
      'weights.shape',
      /conv1\.weight has the shape 7×7×3×4, .*4×3×7×7/,
    );
    const whole = await written('whole', (tree) => {
      const bias = tree['bn1.bias']!;
      tree['bn1.bias'] = { ...bias, dtype: 'int32', data: new Int32Array(bias.data.length) };
    });
    await refuses(loadBackboneWeights(small, whole), 'weights.format', /bn1\.bias holds whole numbers/);
  });

  it('refuses numbers that cannot be weights', async () => {
    for (const [name, value] of [
      ['layer1.0.conv1.weight', NaN],
      ['bn1.bias', -Infinity],
      ['bn1.running_var', -0.1],
    ] as const) {
      const path = await written('numbers', (tree) => {
        tree[name]!.data[1] = value;
      });
      await refuses(loadBackboneWeights(small, path), 'weights.format', new RegExp(`${name} holds`));
    }
  });

  it('refuses a file of another hash, or cut short', async () => {
    const path = await written('changed');
    await refuses(loadBackboneWeights(small, path, 'c4117a10'), 'weights.hash', /not c4117a10/);
    await truncate(path, (await readFile(path)).byteLength - 100);
    await refuses(loadBackboneWeights(small, path), 'weights.format', /ends too early/);
  });
});

describe('weights on this machine', () => {
  it('ships EfficientNet-Lite0, whole, with the preprocessing the backbone uses', async () => {
    const [entry, ...others] = await shippedWeights();
    assert.ok(entry);
    assert.deepEqual(others, []);
    const lite0 = backbone('efficientnet-lite0');
    assert.deepEqual(entry.preprocessing, lite0.preprocessing);
    const tree = await loadBackboneWeights(lite0, entry.path, entry.sha256);
    assert.deepEqual(
      Object.keys(tree),
      lite0.params.map(({ name }) => name),
    );
    assert.ok(backboneNames.includes(entry.backbone));
  });

  it('has no weights for a backbone that neither ships nor was imported', async () => {
    assert.equal(await findWeights('resnet18', [join(folder, 'nothing-here')]), null);
  });

  it('imports weights of the user, and finds them before the shipped ones', async () => {
    const imported = join(folder, 'imported');
    const [shipped] = await shippedWeights();
    assert.ok(shipped);
    const provenance = { licence: 'CC-BY-4.0', source: 'our own training', side: 96 };
    const record = await importWeights(shipped.path, 'efficientnet-lite0', imported, provenance);
    const found = await findWeights('efficientnet-lite0', [imported]);
    assert.deepEqual(found, { ...record, path: join(imported, record.file) });
    assert.equal(record.source, 'our own training');
    assert.equal(record.origin.sha256, shipped.sha256);
    const lite0 = backbone('efficientnet-lite0');
    assert.deepEqual(
      await loadBackboneWeights(lite0, found.path, record.sha256),
      await loadBackboneWeights(lite0, shipped.path, shipped.sha256),
    );
    assert.equal((await readdir(imported)).length, 2);
    assert.equal(await findWeights('efficientnet-lite1', [imported]), null);
  });

  it('finds the weights a run names by their hash, whatever was imported since', async () => {
    const imported = join(folder, 'two');
    const [shipped] = await shippedWeights();
    assert.ok(shipped);
    const { tensors } = await readSafetensors(shipped.path);
    const other = join(folder, 'other.safetensors');
    await writeSafetensors(other, tensors);
    const provenance = { licence: 'own', source: 'own', side: 96 };
    const { sha256 } = await importWeights(other, 'efficientnet-lite0', imported, provenance);
    const hashOf = async (wanted?: string): Promise<string | undefined> =>
      (await findWeights('efficientnet-lite0', [imported], wanted))?.sha256;
    assert.equal(await hashOf(), sha256);
    assert.equal(await hashOf(sha256), sha256);
    assert.equal(await hashOf(shipped.sha256), shipped.sha256);
    assert.equal(await hashOf('0'.repeat(64)), sha256);
    await writeFile(join(imported, 'damaged.json'), '{"backbone":');
    await refuses(findWeights('resnet18', [imported]), 'weights.format', /damaged\.json/);
  });

  it('copies nothing of a file that is not what it is said to be', async () => {
    const target = join(folder, 'refused');
    const provenance = { licence: 'unknown', source: 'unknown', side: 224 };
    const file = join(folder, 'text.safetensors');
    await writeFile(file, 'these are not weights');
    await refuses(importWeights(file, 'resnet18', target, provenance), 'weights.format', /longer than the file/);
    const wrong = await written('small');
    await refuses(importWeights(wrong, 'resnet18', target, provenance), 'weights.missing', /lacks/);
    await refuses(importWeights(wrong, 'vgg', target, provenance), 'backbone.unknown', /vgg/);
    await assert.rejects(readdir(target), { code: 'ENOENT' });
  });
});
