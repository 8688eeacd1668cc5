import assert from 'node:assert/strict';
import { test } from 'node:test';
import { highest, inHundred, lowest, pointAt, step } from '../../../../src/renderer/features/apply/thresholds.ts';

const point = (threshold: number) => ({ threshold, named: 1000 * threshold, toReview: 0, wrong: null });
const points = Array.from({ length: 50 }, (_, i) => point((50 + i) / 100));

test('every place of the slider has its own point of the curve', () => {
  const places = Math.round((highest - lowest) / step) + 1;
  assert.equal(places, points.length);
  for (let i = 0; i < places; i++) assert.equal(pointAt(points, lowest + i * step), points[i], `${i}`);
});

test('outside of the curve and between its points the nearest one counts', () => {
  assert.equal(pointAt(points, 0.2), points[0]);
  assert.equal(pointAt(points, 1), points.at(-1));
  assert.equal(pointAt(points, 0.804), points[30]);
  assert.equal(pointAt(points, 0.806), points[31]);
  assert.equal(pointAt([], 0.8), undefined);
});

test('ends of a range are whole images of 100', () => {
  assert.deepEqual(inHundred([0.012, 0.087]), [1, 9]);
  assert.deepEqual(inHundred([0, 0.004]), [0, 0]);
  assert.deepEqual(inHundred([0.031, 0.034]), [3, 3]);
});
