import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { leaf, select, stripPrefix, withPrefix } from '../../../../src/engine/nn/tree.ts';

describe('trees', () => {
  it('takes off what it put on, and leaves the others out', () => {
    const tree = { 'a.weight': 1, b: 2 };
    const state = { ...withPrefix(tree, 'online.backbone.'), 'online.head.weight': 3, 'online.backbonex.b': 4 };
    assert.deepEqual(stripPrefix(state, 'online.backbone.'), tree);
  });

  it('selects by name', () => {
    assert.deepEqual(
      select({ a: 1, ab: 2, b: 3 }, (name) => name.startsWith('a')),
      { a: 1, ab: 2 },
    );
  });

  it('names the leaf that is not there', () => {
    assert.equal(leaf({ a: 0 }, 'a'), 0);
    assert.throws(() => leaf({ a: 0 }, 'b'), /named b/);
  });
});
