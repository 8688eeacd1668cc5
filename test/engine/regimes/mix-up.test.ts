import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { generator } from '../../../src/engine/data/random.ts';
import { leaf } from '../../../src/engine/nn/tree.ts';
import type { Tree } from '../../../src/engine/nn/types.ts';
import { drawMixUp, mixUp } from '../../../src/engine/regimes/programs/mix-up.ts';
import { tf } from '../../../src/engine/tf.ts';
import { useEager } from '../support/eager.ts';

before(useEager);

const images = tf.tensor4d([1, 2, 3, 4], [4, 1, 1, 1]);
const data = { labels: tf.tensor1d([10, 20, 30, 40]) };
const random = (share: number): Tree => ({
  'mix.share': tf.scalar(share),
  'mix.partner': tf.tensor1d([3, 0, 1, 2], 'int32'),
});

test('images and the loss of their labels are mixed with the same partner by the same share', () => {
  const mixed = mixUp(data, random(0.75));
  assert.deepEqual([...mixed.seen(images).dataSync()], [1.75, 1.75, 2.75, 3.75]);
  const read = (tree: Tree) => tf.dot(leaf(tree, 'labels') as never, tf.tensor1d([1, 0.1, 0.01, 0.001])).asScalar();
  assert.ok(Math.abs(mixed.lossOf(read).dataSync()[0]! - (0.75 * 12.34 + 0.25 * 41.23)) < 1e-4);
  assert.deepEqual([...mixUp(data, random(1)).seen(images).dataSync()], [1, 2, 3, 4]);
});

test('shares follow Beta(0.1, 0.1): half of them on either side, most near an end; partners are a permutation', () => {
  const shares = Array.from({ length: 2000 }, (_, at) => {
    const drawn = drawMixUp(0.1, 6, generator(1, 'mix', at));
    assert.deepEqual([...(drawn['mix.partner']!.data as Int32Array)].sort(), [0, 1, 2, 3, 4, 5]);
    return drawn['mix.share']!.data[0] as number;
  });
  const share = (test: (value: number) => boolean) => shares.filter(test).length / shares.length;
  assert.ok(Math.abs(share((value) => value < 0.5) - 0.5) < 0.04);
  // P(λ < 0.01), by integrating the density numerically.
  assert.ok(Math.abs(share((value) => value < 0.01) - 0.3203) < 0.04);
});
