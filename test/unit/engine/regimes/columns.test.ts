import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Column, ColumnValue } from '../../../../src/contract/run-files.ts';
import { generator } from '../../../../src/engine/data/random.ts';
import { COLUMNS_LENGTH, encodeColumns, fitColumns } from '../../../../src/engine/regimes/columns.ts';
import { fitProbe, headProbabilities } from '../../../../src/engine/regimes/probe.ts';

const age: Column = { name: 'age', kind: 'number' };
const site: Column = { name: 'site', kind: 'category' };
const rowsOf = (columns: readonly Column[], training: ColumnValue[][], rows: ColumnValue[][]): number[][] => {
  const { data, columns: width } = encodeColumns(fitColumns(columns, training), rows);
  return rows.map((_, i) => [...data.subarray(i * width, (i + 1) * width)]);
};

test('a number is its standard score by the training rows, within three deviations; a missing one has a place of its own', () => {
  const encoded = rowsOf([age], [[10], [20], [null], [30]], [[20], [30], [null], [1000], [-1000], []]);
  const score = 10 / Math.sqrt(200 / 3);
  const expected = [
    [0, 0],
    [score, 0],
    [0, 1],
    [3, 0],
    [-3, 0],
    [0, 1],
  ];
  encoded.forEach((row, i) =>
    row.forEach((value, j) => assert.ok(Math.abs(value - COLUMNS_LENGTH * expected[i]![j]!) < 1e-9, `${i} ${j}`)),
  );
});

test('a category has a place for each value that was trained with; any other counts as missing', () => {
  const encoded = rowsOf([site], [['b'], ['a'], [null], ['b']], [['a'], ['b'], ['c'], [null]]);
  assert.deepEqual(
    encoded.map((row) => row.map((value) => value / COLUMNS_LENGTH)),
    [
      [1, 0, 0],
      [0, 1, 0],
      [0, 0, 1],
      [0, 0, 1],
    ],
  );
});

test('columns of one value or of none say nothing, and many columns together are as long as one', () => {
  assert.deepEqual(rowsOf([age], [[7], [7]], [[7], [9]]), [
    [0, 0],
    [0, 0],
  ]);
  assert.deepEqual(rowsOf([age], [[null]], [[9]]), [[0, 0]]);
  const [row = []] = rowsOf([site, { ...site, name: 'stain' }], [['a', 'x']], [['a', 'x']]);
  assert.ok(Math.abs(Math.hypot(...row) - COLUMNS_LENGTH) < 1e-9);
});

test('a column that tells the class is learned from beside features that are noise', () => {
  const random = generator(3, 'columns');
  const [labelled, held, width] = [60, 60, 32];
  const features = (rows: number): Float32Array => Float32Array.from(random.normal(rows * width));
  const classOf = (i: number): number => i % 3;
  const rows = (count: number): ColumnValue[][] =>
    Array.from({ length: count }, (_, i) => [`site ${classOf(i)}`, i % 5 === 0 ? null : classOf(i) * 10]);
  const training = rows(labelled);
  const columns = fitColumns([site, age], training);
  const labels = training.map((_, i) => classOf(i));
  const mean = new Float32Array(width);
  const ours = features(labelled);
  const theirs = features(held);
  const right = (said: Float32Array): number =>
    Array.from({ length: held }, (_, i) => [...said.subarray(3 * i, 3 * i + 3)]).filter(
      (row, i) => row.indexOf(Math.max(...row)) === classOf(i),
    ).length / held;
  const without = right(headProbabilities(fitProbe(ours, labels, 3, mean), theirs));
  const head = fitProbe(ours, labels, 3, mean, encodeColumns(columns, training));
  const said = right(headProbabilities(head, theirs, { beside: encodeColumns(columns, rows(held)) }));
  assert.ok(without < 0.5 && said > 0.8, `${without} without, ${said} with`);
});
