import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sampleOf } from '../../../src/engine/jobs/monitor.ts';

const ids = (count: number, from = 0): number[] => Array.from({ length: count }, (_, i) => from + i);
const labels = (images: readonly number[]) => images.map((image) => ({ image, class: 0, group: image }));

test('a look takes a quarter of the images that are learned from, at least 128 and at most 512', () => {
  for (const [images, looked] of [
    [60, 60],
    [256, 128],
    [1000, 250],
    [5000, 512],
  ] as const) {
    const { learnedFrom } = sampleOf({ adapt: ids(images), training: [] }, 1);
    assert.equal(new Set(learnedFrom).size, looked, `of ${images}`);
    assert.ok(learnedFrom.every((id) => id < images));
  }
});

test('labelled images that are learned from count, however many they are, and no image is looked at twice', () => {
  const some = sampleOf({ adapt: ids(800), training: labels(ids(40)) }, 1);
  assert.equal(some.learnedFrom.length, 200);
  assert.deepEqual(new Set(some.learnedFrom.slice(0, 40)), new Set(ids(40)));
  assert.equal(new Set(some.learnedFrom).size, 200);
  const all = sampleOf({ adapt: ids(400), training: labels(ids(400)) }, 1);
  assert.deepEqual(
    [...all.learnedFrom].sort((a, b) => a - b),
    ids(400),
  );
  const apart = sampleOf({ adapt: ids(400), training: labels(ids(700, 400)) }, 1);
  assert.equal(apart.labelled.length, 512);
  assert.ok(apart.learnedFrom.every((id) => id < 400));
});
