import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { twin } from '../../../../../src/engine/backbones/registry.ts';
import { withWeightsFile } from '../../../../../src/engine/weights/formats/weights-file.ts';
import { loadBackboneWeights, readBackboneWeights } from '../../../../../src/engine/weights/load.ts';
import { relativeError } from '../../../../engine/support/eager.ts';
import { formulaTree } from '../../../../engine/support/formula.ts';

/** Written by PyTorch and NumPy: test/fixtures/weights/make.py. */
const fixture = (name: string): string =>
  fileURLToPath(new URL(`../../../../fixtures/weights/${name}`, import.meta.url));
const shrink = { widthDivisor: 64, blocksPerStage: 1 };
const resnet = twin('resnet18', shrink);
const bit = twin('bit-resnet50x1', shrink);

const told = async (backbone: typeof resnet, name: string) => {
  const { format, match } = await withWeightsFile(fixture(name), undefined, (file) =>
    readBackboneWeights(backbone, file),
  );
  const { part, prefix, dialect, left } = match;
  return { format, part: part.name, prefix, names: dialect.name, left };
};

describe('checkpoints that PyTorch and NumPy wrote', () => {
  it('a zip: a checkpoint with a prefix, parameters and an optimizer', async () => {
    assert.deepEqual(await loadBackboneWeights(resnet, fixture('resnet-zip.pth')), formulaTree(resnet));
    assert.deepEqual(await told(resnet, 'resnet-zip.pth'), {
      format: 'pytorch',
      part: 'state_dict',
      prefix: 'module.',
      names: 'timm',
      left: ['module.fc.weight', 'module.fc.bias'],
    });
  });

  it('a legacy file: one storage for all, other orders of axes', async () => {
    assert.deepEqual(await loadBackboneWeights(resnet, fixture('resnet-legacy.pth')), formulaTree(resnet));
    const { format, part, prefix } = await told(resnet, 'resnet-legacy.pth');
    assert.deepEqual([format, part, prefix], ['pytorch-legacy', '', '']);
  });

  it('double, half and brain precision, in a later protocol', async () => {
    const tree = await loadBackboneWeights(resnet, fixture('resnet-mixed.bin'));
    for (const [name, { data }] of Object.entries(formulaTree(resnet))) {
      // bfloat16 keeps 8 bits.
      assert.ok(relativeError([...tree[name]!.data], [...data]) < 2 ** -8, name);
    }
    assert.equal((await told(resnet, 'resnet-mixed.bin')).part, 'model.backbone');
  });

  it("an archive of arrays by BiT's names, compressed, one of them with its first axis fastest", async () => {
    assert.deepEqual(await loadBackboneWeights(bit, fixture('bit.npz')), formulaTree(bit));
    assert.deepEqual(await told(bit, 'bit.npz'), {
      format: 'npz',
      part: '',
      prefix: 'resnet/',
      names: 'BiT',
      left: ['resnet/head/conv2d/kernel', 'resnet/head/conv2d/bias'],
    });
  });
});
