import assert from 'node:assert/strict';
import { test } from 'node:test';
import { differenceScale, shareRange, sharedScale } from '../../../src/findings/ranges.ts';

const rounded = (hits: number, of: number): (number | undefined)[] => {
  const range = shareRange(hits, of);
  return [range?.mean, ...(range?.ci ?? [])].map((value) => value && Math.round(1000 * value) / 1000);
};

test('the range of a share is the score interval, as it is in the books', () => {
  // Newcombe 1998, table I, method 3.
  assert.deepEqual(rounded(81, 263), [0.308, 0.255, 0.366]);
  assert.deepEqual(rounded(15, 148), [0.101, 0.062, 0.16]);
  assert.deepEqual(rounded(0, 20), [0, 0, 0.161]);
  assert.deepEqual(rounded(1, 29), [0.034, 0.006, 0.172]);
  assert.deepEqual(rounded(29, 29), [1, 0.883, 1]);
});

test('of no image there is no range', () => {
  assert.equal(shareRange(0, 0), null);
});

test('one scale holds both models and the line of chance, and stays a share', () => {
  const [low, high] = sharedScale([{ ci: [0.76, 0.89] }, { ci: [0.84, 0.95] }], [0.41]);
  assert.ok(low <= 0.41 && low >= 0 && high >= 0.95 && high <= 1);
  assert.deepEqual(sharedScale([{ ci: [0, 1] }], []), [0, 1]);
});

test('the scale of differences has 0 in its middle and holds every check', () => {
  const [low, high] = differenceScale([0.003, 0.05], [0.04, -0.09]);
  assert.equal(low, -high);
  assert.ok(high > 0.09);
  assert.ok(differenceScale([0, 0], [])[1] > 0, 'no difference at all has a scale too');
});
