import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { normalise } from '../../../src/engine/augment/normalise.ts';
import { antialiasedMatrix } from '../../../src/engine/augment/sampling.ts';
import { eightTurns, wholeImage } from '../../../src/engine/augment/whole.ts';
import { generator } from '../../../src/engine/data/random.ts';
import { tf } from '../../../src/engine/tf.ts';
import { useEager } from '../support/eager.ts';

before(useEager);

test('an antialiased resize keeps every source pixel in the sum', () => {
  const [from, to] = [16, 12];
  const matrix = antialiasedMatrix(from, to);
  for (let i = 0; i < to; i++) {
    const row = matrix.subarray(i * from, (i + 1) * from);
    assert.ok(Math.abs(row.reduce((a, b) => a + b, 0) - 1) < 1e-6);
    // Away from the edges the row is balanced about the centre of its output pixel.
    const centre = row.reduce((sum, weight, j) => sum + weight * j, 0);
    if (i > 0 && i < to - 1) assert.ok(Math.abs(centre - ((i + 0.5) * (from / to) - 0.5)) < 0.1);
  }
  // Shrinking by 4: a stripe one pixel wide must not vanish, as it would between plain bilinear samples.
  const quarter = antialiasedMatrix(16, 4);
  for (let j = 0; j < 16; j++) {
    const seen = [0, 1, 2, 3].reduce((sum, i) => sum + (quarter[i * 16 + j] as number), 0);
    assert.ok(seen > 0.15, `column ${j} weighs ${seen}`);
  }
});

test('the whole image is the matrix on rows and on columns', () => {
  const [n, side, size] = [2, 8, 6];
  const data = generator(1, 'whole').uniform(n * side * side * 3);
  const seen = tf.tidy(() => wholeImage(tf.tensor4d(data, [n, side, side, 3]), size).arraySync());
  const matrix = antialiasedMatrix(side, size);
  for (const [image, channel, y, x] of [
    [0, 0, 0, 0],
    [0, 1, 2, 5],
    [1, 2, 5, 3],
    [1, 0, 3, 4],
  ] as const) {
    let expected = 0;
    for (let i = 0; i < side; i++) {
      for (let j = 0; j < side; j++) {
        const value = data[((image * side + i) * side + j) * 3 + channel] as number;
        expected += (matrix[y * side + i] as number) * (matrix[x * side + j] as number) * value;
      }
    }
    assert.ok(Math.abs((seen[image]?.[channel]?.[y]?.[x] as number) - expected) < 1e-5);
  }
});

test('eight turns are the eight different symmetries of a square, the first unchanged', () => {
  const data = generator(2, 'turns').uniform(3 * 4 * 4);
  const turns = tf.tidy(() => eightTurns(tf.tensor4d(data, [1, 3, 4, 4])).arraySync());
  assert.deepEqual(turns[0]?.flat(2).map(Math.fround), [...data]);
  assert.equal(new Set(turns.map((turn) => JSON.stringify(turn))).size, 8);
  const sorted = (values: readonly number[]): number[] => values.toSorted((a, b) => a - b);
  for (const turn of turns) assert.deepEqual(sorted(turn.flat(2)), sorted([...data]));
  // Opposite corners stay opposite: no turn shears.
  const corners = turns.map((turn) => [turn[0]?.[0]?.[0], turn[0]?.[3]?.[3]]);
  const allowed = [
    [data[0], data[15]],
    [data[15], data[0]],
    [data[3], data[12]],
    [data[12], data[3]],
  ].map((pair) => JSON.stringify(pair));
  for (const pair of corners) assert.ok(allowed.includes(JSON.stringify(pair)));
});

test('normalising takes the mean, divides by the deviation and puts channels last', () => {
  const data = generator(3, 'normal').uniform(2 * 3 * 2 * 2);
  const mean = [0.1, 0.2, 0.3] as const;
  const std = [0.5, 0.25, 2] as const;
  const seen = tf.tidy(() => normalise(tf.tensor4d(data, [2, 3, 2, 2]), { mean, std }).arraySync());
  seen.forEach((image, n) =>
    image.forEach((row, y) =>
      row.forEach((pixel, x) =>
        pixel.forEach((value, c) => {
          const before = data[((n * 3 + c) * 2 + y) * 2 + x] as number;
          assert.ok(Math.abs(value - (before - (mean[c] as number)) / (std[c] as number)) < 1e-5);
        }),
      ),
    ),
  );
});
