import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  classRows,
  confusedCells,
  faintUpTo,
  heatOf,
  strongFrom,
  weakest,
  type Counts,
} from '../../../../src/renderer/features/results/classes.ts';

const perClass = (...names: string[]) =>
  names.map((name) => ({
    class: name,
    checkImages: 0,
    trainingLabels: 7,
    precision: null,
    recall: null,
    f1: null,
    auc: 0.9,
  }));

describe('what is known of a class', () => {
  const counts: Counts = [
    [8, 2, 0],
    [1, 4, 0],
    [1, 3, 0],
  ];
  const [a, b, c] = classRows(counts, perClass('A', 'B', 'C')) as [never, never, never] as ReturnType<typeof classRows>;

  test('found is of its own images, right is of those that were called so', () => {
    assert.deepEqual([a!.found.hits, a!.found.of, a!.right.hits, a!.right.of], [8, 10, 8, 10]);
    assert.deepEqual([b!.found.hits, b!.found.of, b!.right.hits, b!.right.of], [4, 5, 4, 9]);
    assert.equal(b!.balance, 8 / 14);
    assert.deepEqual([a!.labels, a!.ranking, a!.index], [7, 0.9, 0]);
  });
  test('fewer than five check images measure nothing', () => {
    assert.deepEqual([a!.unmeasured, b!.unmeasured, c!.unmeasured], [false, false, true]);
  });
  test('what was never called has no share that is right', () => {
    assert.deepEqual([c!.right.of, c!.right.range, c!.balance], [0, null, 0]);
    const [none] = classRows(
      [
        [0, 0],
        [0, 6],
      ],
      perClass('A', 'B'),
    );
    assert.deepEqual([none!.found.range, none!.balance], [null, null]);
  });
});

describe('the weakest class', () => {
  const weak = (...diagonal: readonly [hits: number, of: number][]): string | undefined =>
    weakest(
      classRows(
        diagonal.map(([hits, of], row) =>
          diagonal.map((_, column) => (row === column ? hits : column === (row + 1) % diagonal.length ? of - hits : 0)),
        ),
        perClass(...diagonal.map((_, i) => 'ABCD'[i]!)),
      ),
    )?.name;

  test('is the one found least, not the one with most errors', () => {
    assert.equal(weak([90, 100], [7, 12], [20, 20]), 'B');
  });
  test('is measured', () => {
    assert.equal(weak([90, 100], [0, 4], [20, 20]), 'A');
  });
  test('is none where all are found', () => {
    assert.equal(weak([10, 10], [12, 12]), undefined);
  });
});

test('confusions come most first, and the diagonal is none', () => {
  const counts: Counts = [
    [40, 2, 0],
    [7, 20, 2],
    [0, 0, 9],
  ];
  assert.deepEqual(
    confusedCells(counts).map(({ truth, called, images }) => [truth, called, images]),
    [
      [1, 0, 7],
      [0, 1, 2],
      [1, 2, 2],
    ],
  );
});

test('a cell is darker the more it holds, and never of a shade that no text can be read on', () => {
  const heats = Array.from({ length: 101 }, (_, images) => heatOf(images, 100));
  assert.deepEqual([heats[0], heats[50], heats[100]], [0, faintUpTo, 1]);
  heats.forEach((heat, i) => {
    assert.ok(i === 0 || heat > heats[i - 1]!, `${i}`);
    assert.ok(heat <= faintUpTo || heat >= strongFrom, `${i}`);
  });
  assert.equal(heatOf(0, 0), 0);
});
