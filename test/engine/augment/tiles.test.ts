import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { toLab } from '../../../src/engine/augment/lab.ts';
import { drawnTiles, drawTiles } from '../../../src/engine/augment/tile-inputs.ts';
import { evenTiles, gridTiles } from '../../../src/engine/augment/tiles.ts';
import { fourTurns } from '../../../src/engine/augment/whole.ts';
import { generator } from '../../../src/engine/data/random.ts';
import { tf } from '../../../src/engine/tf.ts';
import { toTensors, useEager } from '../support/eager.ts';

before(useEager);

const side = 36;
/** Every pixel tells its row in red and its column in green. */
const places = (): tf.Tensor4D =>
  tf.tensor4d(
    Float32Array.from({ length: side * side * 3 }, (_, k) => {
      const pixel = Math.floor(k / 3);
      return [Math.floor(pixel / side), pixel % side, 0][k % 3] as number;
    }),
    [1, side, side, 3],
  );

test('a tile is cut out of its cell, as far into the gap as the jitter says', () => {
  const box = tf.tensor2d([[0, 0, 1, 1]]);
  const cells = tf.tensor2d([
    [0, 0],
    [2, 1],
    [1, 2],
  ]);
  const jitter = tf.tensor2d([
    [0, 0],
    [1, 0.5],
    [0, 1],
  ]);
  const tiles = gridTiles(places(), box, cells, jitter, { share: 0.5, side: 6 });
  assert.deepEqual(tiles.shape, [3, 3, 6, 6]);
  const values = tiles.arraySync();
  // A cell is 12 pixels, a tile 6, and 6 output pixels sample it one by one.
  for (const [tile, [top, left]] of [
    [0, 0],
    [24 + 6, 12 + 3],
    [12, 24 + 6],
  ].entries()) {
    const rows = values[tile]?.[0]?.map((row) => row[0] as number) ?? [];
    const columns = values[tile]?.[1]?.[0] ?? [];
    rows.forEach((row, i) => assert.ok(Math.abs(row - (top as number) - i) < 1e-4, `tile ${tile} row ${rows.join()}`));
    columns.forEach((column, i) => assert.ok(Math.abs(column - (left as number) - i) < 1e-4));
  }
});

test('drawn tiles lie in the order that was drawn: tile k shows the cell it was given', () => {
  const options = { count: 9, share: 1, side: 4, grey: 0 };
  const order = [4, 0, 8, 2, 6, 1, 7, 3, 5];
  const random = toTensors(drawTiles(options, 1, generator(1, 'tiles'), (tile) => order[tile] as number));
  const batch = { images: tf.div(places(), side) as tf.Tensor4D, boxes: tf.tensor2d([[0, 0, 1, 1]]) };
  const shuffled = drawnTiles(batch, random, options);
  const sorted = drawnTiles(batch, toTensors(drawTiles(options, 1, generator(1, 'tiles'), (tile) => tile)), options);
  const [got, plain] = [shuffled.arraySync(), sorted.arraySync()];
  order.forEach((cell, tile) => assert.deepEqual(got[tile], plain[cell]));
  // Evened out, the ramps of all tiles are alike: before that they must not be.
  const raw = gridTiles(
    batch.images,
    batch.boxes,
    tf.tensor2d([
      [0, 0],
      [1, 1],
    ]),
    tf.zeros([2, 2]),
    options,
  ).arraySync();
  assert.notDeepEqual(raw[0], raw[1]);
});

test('even tiles have one mean and deviation, so brightness gives no place away', () => {
  const tiles = tf.add(tf.mul(tf.randomUniform([5, 3, 8, 8], 0, 1, 'float32', 4), 0.3), 0.5) as tf.Tensor4D;
  const { mean, variance } = tf.moments(evenTiles(tiles), [2, 3]);
  for (const value of mean.dataSync()) assert.ok(Math.abs(value - 0.5) < 1e-5);
  for (const value of variance.dataSync()) assert.ok(Math.abs(Math.sqrt(value) - 0.2) < 0.01);
});

test('grey tiles are grey in the share of images that is asked for', () => {
  const options = { count: 2, share: 1, side: 4, grey: 0.5 };
  const random = { ...toTensors(drawTiles(options, 2, generator(2, 'tiles'), (tile) => tile)) };
  random['tiles.grey'] = tf.tensor1d([0.4, 0.6]);
  const images = tf.concat([places(), places()]);
  const boxes = tf.tensor2d([
    [0, 0, 1, 1],
    [0, 0, 1, 1],
  ]);
  const tiles = drawnTiles({ images: tf.div(images, side), boxes }, random, options).arraySync();
  const isGrey = (tile: number[][][]): boolean =>
    (tile[0] as number[][])
      .flat()
      .every((red, i) => Math.abs(red - ((tile[1] as number[][]).flat()[i] as number)) < 1e-3);
  assert.deepEqual(tiles.map(isGrey), [true, false, true, false]);
});

test('four turns are 0, 90, 180 and 270 degrees of the same picture', () => {
  const one = tf.tensor4d([1, 2, 3, 4], [1, 1, 2, 2]);
  assert.deepEqual(
    fourTurns(one)
      .arraySync()
      .map((image) => image[0]?.flat()),
    [
      [1, 2, 3, 4],
      [2, 4, 1, 3],
      [4, 3, 2, 1],
      [3, 1, 4, 2],
    ],
  );
});

test('CIE Lab of known colours', () => {
  // Lindbloom's calculator, D65.
  const known = [
    [1, 1, 1, 100, 0, 0],
    [1, 0, 0, 53.24, 80.09, 67.2],
    [0, 0, 1, 32.3, 79.19, -107.86],
    [0.5, 0.5, 0.5, 53.39, 0, 0],
    [0.01, 0.02, 0.01, 1.2, -1.02, 0.73],
  ] as const;
  for (const [r, g, b, ...lab] of known) {
    const got = toLab(tf.tensor4d([r, g, b], [1, 3, 1, 1])).dataSync();
    lab.forEach((value, i) => assert.ok(Math.abs(value - (got[i] as number)) < 0.06, `${r},${g},${b}: ${got.join()}`));
  }
});
