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
} from '../../../src/findings/classes.ts';

import { shareRange } from '../../../src/findings/ranges.ts';

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

describe('where check images are weighted', () => {
  const counts: Counts = [
    [3, 1],
    [2, 4],
  ];
  // Class A: three right of weight 2, one wrong of 0.5. Class B: two wrong of 0.5, four right of 1.
  const weights = {
    sums: [
      [6, 0.5],
      [1, 4],
    ],
    squares: [
      [12, 0.25],
      [0.5, 4],
    ],
  };
  const rows = classRows(counts, perClass('A', 'B'), weights);

  test('shares and ranges are those of the weights, counts those of the images', () => {
    const [a] = rows;
    assert.deepEqual([a!.found.hits, a!.found.of, a!.right.hits, a!.right.of], [3, 4, 3, 5]);
    assert.ok(Math.abs(a!.found.range!.mean - 6 / 6.5) < 1e-12);
    assert.ok(Math.abs(a!.right.range!.mean - 6 / 7) < 1e-12);
    assert.equal(a!.balance, 12 / 13.5);
    const effective = 6.5 ** 2 / 12.25;
    assert.deepEqual(a!.found.range!.ci, shareRange(6 * (effective / 6.5), effective)!.ci);
  });
  test('equal weights change nothing', () => {
    assert.deepEqual(
      classRows(counts, perClass('A', 'B'), { sums: counts, squares: counts }),
      classRows(counts, perClass('A', 'B')),
    );
  });
  test('the weakest class is the one with the smallest weighted share', () => {
    const swapped = {
      sums: [
        [3, 3],
        [1, 5],
      ],
      squares: [
        [3, 3],
        [1, 5],
      ],
    };
    const many: Counts = [
      [18, 2],
      [6, 14],
    ];
    assert.equal(weakest(classRows(many, perClass('A', 'B')))?.name, 'B');
    assert.equal(weakest(classRows(many, perClass('A', 'B'), swapped))?.name, 'A');
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
