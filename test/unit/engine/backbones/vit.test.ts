import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import { initialise } from '../../../../src/engine/backbones/initialise.ts';
import { twin } from '../../../../src/engine/backbones/registry.ts';
import { generator } from '../../../../src/engine/data/random.ts';
import { tf } from '../../../../src/engine/tf.ts';
import { positionMatrix } from '../../../../src/engine/nn/position.ts';
import { toTensors, useEager } from '../../../engine/support/eager.ts';

before(useEager);

const close = (actual: ArrayLike<number>, expected: readonly number[]): void => {
  assert.equal(actual.length, expected.length);
  expected.forEach((value, i) => assert.ok(Math.abs((actual[i] as number) - value) < 2e-4, `${actual[i]} ≠ ${value}`));
};

describe('the grid of position embeddings', () => {
  // torch.nn.functional.interpolate(…, mode='bicubic', antialias=True, align_corners=False) of [[1, 2, 4], [8, 16, 32], [64, 128, 256]].
  const grid = [1, 2, 4, 8, 16, 32, 64, 128, 256];
  const resized = (to: number): number[] => {
    const matrix = positionMatrix(3, to);
    return Array.from({ length: to * to }, (_, i) =>
      grid.reduce((sum, value, j) => sum + value * (matrix[i * 9 + j] as number), 0),
    );
  };

  it('is made smaller as torch does', () => close(resized(2), [1.52644, 4.01584, 56.73537, 149.26212]));
  it('is made larger as torch does', () =>
    close(
      resized(4),
      [
        0.60119, 0.94289, 1.78668, 2.60359, 1.38219, 2.16778, 4.10773, 5.98586, 27.85744, 43.69065, 82.78951, 120.64246,
        63.42927, 99.48028, 188.50542, 274.69373,
      ],
    ));
  it('stays as it is at its own size', () => close(resized(3), grid));
});

describe('a vision transformer', () => {
  const small = twin('vit-small-patch16', { widthDivisor: 8, blocksPerStage: 1 });

  it('looks at every size that its patches divide, and at no other', () => {
    const params = toTensors(initialise(small, generator(3, 'twin')));
    for (const side of [32, 48]) {
      const features = tf.tidy(() => small.forward(params, tf.ones([1, side, side, 3]), 'frozen').features);
      assert.deepEqual(features.shape, [1, small.features]);
      features.dispose();
    }
    const images = tf.ones<tf.Rank.R4>([1, 40, 40, 3]);
    assert.throws(() => tf.tidy(() => small.forward(params, images, 'frozen')), {
      code: 'backbone.size',
      message: /40.*16/,
    });
    tf.dispose([params, images]);
  });

  it('knows where a patch lies', () => {
    const tree = initialise(small, generator(3, 'twin'));
    const params = toTensors(tree);
    const images = tf.randomUniform<tf.Rank.R4>([1, 32, 32, 3], -1, 1, 'float32', 5);
    const features = (x: tf.Tensor4D): Float32Array =>
      tf.tidy(() => small.forward(params, x, 'frozen').features.dataSync<'float32'>());
    const turned = tf.tidy(() => tf.concat(tf.split(images, 2, 1).reverse(), 1) as tf.Tensor4D);
    const distance = (a: Float32Array, b: Float32Array): number => Math.hypot(...a.map((v, i) => v - (b[i] as number)));
    assert.ok(distance(features(images), features(turned)) > 1e-4, 'patches that change places are seen');
    tf.dispose([params, images, turned]);
  });
});
