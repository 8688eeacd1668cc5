import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { layerOf } from '../../../../src/engine/backbones/layers.ts';
import { backbone, backboneNames } from '../../../../src/engine/backbones/registry.ts';

describe('layers of a backbone', () => {
  for (const name of backboneNames) {
    it(`of ${name} hold every parameter, in the order of the network`, () => {
      const found = backbone(name);
      const inOrder = found.params.map((param) => layerOf(found, param.name));
      assert.deepEqual(
        inOrder,
        inOrder.toSorted((a, b) => a - b),
      );
      assert.deepEqual([...new Set(inOrder)], [...found.layers.keys()]);
    });
  }

  it('do not mistake one block for another whose number begins the same', () => {
    const vit = backbone('vit-small-patch16');
    assert.equal(layerOf(vit, 'blocks.1.mlp.fc1.bias'), 2);
    assert.equal(layerOf(vit, 'blocks.11.mlp.fc1.bias'), 12);
    assert.equal(layerOf(vit, 'norm.weight'), 13);
    assert.throws(() => layerOf(vit, 'head.weight'), /head\.weight/);
  });
});
