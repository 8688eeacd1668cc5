import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { viewPreset } from '../../../src/engine/augment/presets.ts';
import {
  drawViewSets,
  multiCrop,
  viewSetsSpec,
  viewsOf,
  type ViewSets,
} from '../../../src/engine/augment/view-sets.ts';
import { generator } from '../../../src/engine/data/random.ts';
import { tf } from '../../../src/engine/tf.ts';
import { toTensors, useEager } from '../support/eager.ts';

before(useEager);

const side = 64;
const batch = 6;
/** A view that shows where it was cut: red is the row, green the column, and colours stay as they are. */
const seeing = { ...viewPreset('any-orientation'), brightness: 0, contrast: 0, saturation: 0, quarterTurn: 0 };
const inputs = (): { images: tf.Tensor; boxes: tf.Tensor } => ({
  images: tf.tensor4d(
    Float32Array.from({ length: batch * side * side * 3 }, (_, k) => {
      const pixel = Math.floor(k / 3) % (side * side);
      return ([Math.floor(pixel / side), pixel % side, 0][k % 3] as number) / side;
    }),
    [batch, side, side, 3],
  ),
  boxes: tf.tensor2d(Array.from({ length: batch }, () => [0, 0, 1, 1])),
});
const look = (sets: ViewSets, seed: number): Record<string, tf.Tensor4D> =>
  viewsOf(inputs(), toTensors(drawViewSets(sets, batch, generator(seed, 'views'))), sets);

test('multi-crop: two views of the preset and as many smaller pictures of less than its least area', () => {
  const sets = multiCrop(seeing, 32, 3, 0.5);
  const { views, small } = look(sets, 1);
  assert.deepEqual(views?.shape, [2 * batch, 3, 32, 32]);
  assert.deepEqual(small?.shape, [3 * batch, 3, 16, 16]);
  // How far rows and columns reach, over one pixel less than the picture has: the crop's height and width.
  const reach = (pictures: tf.Tensor4D): number[] =>
    (pictures.arraySync() as number[][][][]).map(([rows = [], columns = []]) => {
      const span = (plane: number[][]): number => Math.max(...plane.flat()) - Math.min(...plane.flat());
      const pixels = rows.length;
      return (span(rows) * span(columns)) / ((pixels - 1) / pixels) ** 2;
    });
  const least = seeing.area[0];
  for (const area of reach(small as tf.Tensor4D)) assert.ok(area > 0.9 * (least / 8) && area < 1.05 * least, `${area}`);
  assert.ok(reach(views as tf.Tensor4D).every((area) => area > 0.8 * least));
});

test('the side of a small crop is a multiple of 16 pixels, never larger than a view; none is left out', () => {
  const sideOf = (size: number, share: number): number | undefined => multiCrop(seeing, size, 1, share)['small']?.size;
  assert.deepEqual([sideOf(96, 0.5), sideOf(96, 0.4), sideOf(224, 0.43), sideOf(32, 0.1)], [48, 32, 96, 16]);
  assert.equal(sideOf(40, 1), 40);
  assert.deepEqual(Object.keys(multiCrop(seeing, 96, 0, 0.5)), ['views']);
});

test('crops are the same for a seed, others for another, and leave the numbers of the views alone', () => {
  const sets = multiCrop(seeing, 32, 2, 0.5);
  const of = (chosen: ViewSets, seed: number, set: string) => look(chosen, seed)[set]?.dataSync();
  assert.deepEqual(of(sets, 1, 'small'), of(sets, 1, 'small'));
  assert.notDeepEqual(of(sets, 1, 'small'), of(sets, 2, 'small'));
  assert.deepEqual(of(sets, 1, 'views'), of(multiCrop(seeing, 32, 0, 0.5), 1, 'views'));
  assert.deepEqual(
    Object.keys(viewSetsSpec(sets, batch)).sort(),
    Object.keys(drawViewSets(sets, batch, generator(1, 'views'))).sort(),
  );
  const whole: ViewSets = { raw: { preset: 'whole', count: 1, size: 32 } };
  assert.deepEqual(viewSetsSpec(whole, batch), {});
});
