import assert from 'node:assert/strict';
import { test } from 'node:test';
import { knownLabels } from '../../../../src/engine/jobs/known-labels.ts';

const training = [0, 1, 2, 3].map((image) => ({ image, class: image % 2, group: image }));
const usable = (adapt: number[], ...draws: number[][]) => ({
  adapt,
  training,
  check: [],
  draws: draws.map((train) => ({ train })),
});

test('only labels that every draw trains with are told; all others are unknown', () => {
  const labels = knownLabels(usable([0, 1, 2, 3, 9], [0, 1, 2], [1, 2, 3]));
  assert.deepEqual(labels([1, 9, 0, 2, 3]), {
    shape: [5],
    dtype: 'int32',
    data: Int32Array.from([1, -1, -1, 0, -1]),
  });
});

test('without draws, as where a run only adapts, all training labels are', () => {
  assert.deepEqual([...knownLabels(usable([0, 1, 2, 3]))([0, 1, 2, 3]).data], [0, 1, 0, 1]);
});

test('draws that share no label, or images that have none, are refused', () => {
  assert.throws(() => knownLabels(usable([0, 1, 2, 3], [0], [1])), { code: 'job.no-shared-labels' });
  assert.throws(() => knownLabels(usable([7, 8], [0, 1])), { code: 'job.no-shared-labels' });
});
