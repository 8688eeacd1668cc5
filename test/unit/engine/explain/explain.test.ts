import assert from 'node:assert/strict';
import { test } from 'node:test';
import { cellMeans, cover, gridOf, meanColour, patchesOf } from '../../../../src/engine/explain/cells.ts';
import { areaUnder, orderOf, randomOrders, removals } from '../../../../src/engine/explain/deletion.ts';

test('cells are about square; a patch has its neighbours, fewer at the edge; a cell the mean of the patches over it', () => {
  assert.deepEqual(gridOf([0, 0, 96, 96]), { rows: 12, columns: 12 });
  assert.deepEqual(gridOf([32, 0, 96, 128]), { rows: 6, columns: 12 });
  assert.deepEqual(gridOf([0, 60, 128, 61]), { rows: 12, columns: 1 });
  const patches = patchesOf({ rows: 3, columns: 4 });
  assert.deepEqual(patches[0], [0, 1, 4, 5]);
  assert.deepEqual(patches[5], [0, 1, 2, 4, 5, 6, 8, 9, 10]);
  // Only the patch in the corner matters: it counts for a quarter, a sixth or a ninth of what its cells are told.
  const told = cellMeans(patches, [1, ...Array.from({ length: 11 }, () => 0)]);
  assert.deepEqual([told[0], told[1], told[5], told[2]], [1 / 4, 1 / 6, 1 / 9, 0]);
});

test('cells are covered in the colour of the picture alone, with the padding that repeats them', () => {
  const side = 12;
  const pixels = new Uint8Array(side * side * 3).fill(9);
  // The picture is the middle half; its rows are told apart by their red.
  for (let y = 3; y < 9; y++) for (let x = 0; x < side; x++) pixels.set([10 * y, 100, 200], (y * side + x) * 3);
  const picture = { pixels, side, box: [3, 0, 9, 12] as const, grid: { rows: 2, columns: 4 } };
  const colour = meanColour(picture);
  assert.deepEqual([...colour], [55, 100, 200]);
  const out = new Uint8Array(pixels.length);
  cover(picture, [0, 7], colour, out);
  const at = (y: number, x: number): number => out[(y * side + x) * 3]!;
  assert.deepEqual([at(0, 0), at(5, 2), at(0, 3), at(6, 2)], [55, 55, 9, 60], 'left upper cell and the padding above');
  assert.deepEqual([at(6, 9), at(11, 11), at(5, 9), at(11, 8)], [55, 55, 50, 9], 'right lower cell and that below');
  assert.equal(pixels[0], 9, 'the record stays as it was');
});

test('parts are removed in order, and the area is what is left on the way', () => {
  const order = orderOf([0.1, 0.7, 0.1, -0.2]);
  assert.deepEqual(order, [1, 0, 2, 3]);
  const cells = Array.from({ length: 16 }, (_, cell) => cell);
  assert.deepEqual(
    removals(cells).map((gone) => gone.length),
    [2, 4, 6, 8, 10, 12, 14],
  );
  assert.deepEqual(removals(cells)[0], [0, 1]);
  assert.equal(areaUnder([1, 0, 0]), 0.25);
  assert.equal(areaUnder([1, 1, 0]), 0.75);
  const orders = randomOrders(16, 5);
  assert.deepEqual(orders, randomOrders(16, 5), 'the same for the same picture');
  assert.equal(new Set(orders.map(String)).size, 19);
  for (const each of orders)
    assert.deepEqual(
      [...each].sort((a, b) => a - b),
      cells,
    );
});
