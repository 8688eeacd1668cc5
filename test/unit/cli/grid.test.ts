import assert from 'node:assert/strict';
import { test } from 'node:test';
import { cellsOf } from '../../../src/cli/grid/grid.ts';

const optionsOf = (grid: Record<string, unknown>) => cellsOf(grid).map(({ options }) => options);

test('numbers and shares of labels are one axis, as a draw has one of them', () => {
  assert.deepEqual(optionsOf({ shots: [1, 5], method: ['byol', 'dino'], fraction: 0.1 }), [
    { method: 'byol', shots: 1 },
    { method: 'byol', shots: 5 },
    { method: 'byol', fraction: 0.1 },
    { method: 'dino', shots: 1 },
    { method: 'dino', shots: 5 },
    { method: 'dino', fraction: 0.1 },
  ]);
  assert.deepEqual(optionsOf({ fraction: [0.01, 0.1] }), [{ fraction: 0.01 }, { fraction: 0.1 }]);
  assert.throws(() => cellsOf({ fraction: 10 }));
});

test('an option that is a list varies in a list of lists, and columns need no other adaptation', () => {
  assert.deepEqual(optionsOf({ columns: ['age', 'site'] }), [{ columns: ['age', 'site'] }]);
  const cells = cellsOf({ columns: [[], ['age']], leaveOut: ['Debris'], epochs: 2 });
  assert.deepEqual(
    cells.map(({ options }) => options),
    [
      { leaveOut: ['Debris'], epochs: 2, columns: [] },
      { leaveOut: ['Debris'], epochs: 2, columns: ['age'] },
    ],
  );
  assert.equal(new Set(cells.map(({ adaptation }) => adaptation)).size, 1);
});
