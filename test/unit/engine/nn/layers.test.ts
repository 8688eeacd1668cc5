import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import { conv2d, globalAveragePool, stemMaxPool } from '../../../../src/engine/nn/layers.ts';
import { tf } from '../../../../src/engine/tf.ts';
import { useEager } from '../../../engine/support/eager.ts';

before(useEager);
const plane = (side: number): tf.Tensor4D =>
  tf.tensor4d(
    Array.from({ length: side * side }, (_, i) => i + 1),
    [1, side, side, 1],
  );
const values = (tensor: tf.Tensor): number[] => Array.from(tensor.dataSync());
const near = (actual: readonly number[], expected: readonly number[], tolerance = 1e-5): void => {
  assert.equal(actual.length, expected.length);
  actual.forEach((value, i) => assert.ok(Math.abs(value - (expected[i] as number)) < tolerance, `${value} at ${i}`));
};

/** Sums of the 4×4 plane 1..16 over 3×3 windows at every second pixel, the first starting `offset` outside. */
function windowSums(offset: number): number[] {
  const at = (row: number, column: number): number =>
    row < 0 || column < 0 || row > 3 || column > 3 ? 0 : 4 * row + column + 1;
  const sum = (row: number, column: number): number =>
    [0, 1, 2].flatMap((i) => [0, 1, 2].map((j) => at(row + i - offset, column + j - offset))).reduce((a, b) => a + b);
  return [sum(0, 0), sum(0, 2), sum(2, 0), sum(2, 2)];
}

describe('layers', () => {
  const ones = tf.ones<tf.Rank.R4>([3, 3, 1, 1]);

  it('pads like TensorFlow: at stride 2 the odd pixel is at the bottom and right', () => {
    near(values(conv2d(plane(4), ones, { stride: 2 })), windowSums(0));
  });

  it('pads like PyTorch: as many pixels on every side', () => {
    near(values(conv2d(plane(4), ones, { stride: 2, padding: 1 })), windowSums(1));
  });

  it('pools 3×3 windows centred on every second pixel', () => {
    near(values(stemMaxPool(plane(4))), [6, 8, 14, 16]);
    assert.deepEqual(stemMaxPool(tf.zeros([1, 5, 5, 2])).shape, [1, 3, 3, 2]);
  });

  it('averages over the image plane', () => {
    near(values(globalAveragePool(tf.concat([plane(2), tf.mul(plane(2), 2)], 3))), [2.5, 5]);
  });
});
