import assert from 'node:assert/strict';
import { test } from 'node:test';
import { strongestPlaces, verdictOf } from '../../../src/findings/why.ts';

const map = (rows: number, columns: number, values: Readonly<Record<string, number>>) => ({
  rows,
  columns,
  map: Array.from({ length: rows * columns }, (_, at) => values[`${Math.floor(at / columns)},${at % columns}`] ?? 0),
});

test('the strongest places are named where they lie, each once, and none that is weak', () => {
  const found = strongestPlaces(map(8, 12, { '0,11': 0.9, '1,10': 0.85, '7,1': 0.5, '4,5': 0.44, '3,6': -0.9 }));
  assert.deepEqual(
    found.map(({ row, column, name }) => [row, column, name]),
    [
      [0, 11, 'top-right'],
      [7, 1, 'bottom-left'],
    ],
    'a cell beside a stronger one is the same place; less than half as strong is none',
  );
  assert.deepEqual(strongestPlaces(map(2, 2, { '0,0': -1 })), [], 'nothing speaks for the class');
  const [only] = strongestPlaces(map(1, 3, { '0,1': 1 }));
  assert.equal(only!.name, 'middle-middle');
});

test('a map holds where no order by chance is as good, and fails where most are', () => {
  const test = (beaten: number) =>
    verdictOf({ deletion: { map: { area: 0, curve: [] }, random: { area: 0, curve: [] }, orders: 19, beaten } });
  assert.deepEqual([19, 18, 10, 9, 0].map(test), ['holds', 'hint', 'hint', 'fails', 'fails']);
});
