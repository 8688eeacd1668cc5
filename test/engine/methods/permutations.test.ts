import assert from 'node:assert/strict';
import { test } from 'node:test';
import { distantPermutations } from '../../../src/engine/methods/pretext/permutations.ts';

const distance = (a: Int32Array, b: Int32Array): number => a.filter((value, i) => value !== b[i]).length;

test('orders are permutations that differ from each other nearly everywhere', () => {
  const orders = distantPermutations(24, 9, 1);
  for (const order of orders) assert.deepEqual([...order].sort(), [0, 1, 2, 3, 4, 5, 6, 7, 8]);
  // Nine orders of nine can differ everywhere: the rows of a Latin square. Random ones share a place in 64 of 100 pairs.
  const pairs = orders.flatMap((a, i) => orders.slice(i + 1).map((b) => distance(a, b)));
  assert.ok(Math.min(...pairs) >= 7, `${Math.min(...pairs)}`);
  const first = orders.slice(0, 4);
  for (const [i, a] of first.entries()) for (const b of first.slice(i + 1)) assert.equal(distance(a, b), 9);
});

test('every order is the farthest that was left', () => {
  const orders = distantPermutations(10, 4, 3);
  const all: Int32Array[] = [];
  for (let code = 0; code < 256; code++) {
    const one = Int32Array.from({ length: 4 }, (_, i) => (code >> (2 * i)) & 3);
    if (new Set(one).size === 4) all.push(one);
  }
  orders.forEach((order, i) => {
    const before = orders.slice(0, i);
    const nearest = (one: Int32Array): number => Math.min(4, ...before.map((other) => distance(one, other)));
    assert.equal(nearest(order), Math.max(...all.map(nearest)));
  });
});

test('the same seed gives the same orders, another one others; more than there are is refused', () => {
  assert.deepEqual(distantPermutations(3, 5, 7), distantPermutations(3, 5, 7));
  assert.notDeepEqual(distantPermutations(3, 5, 7), distantPermutations(3, 5, 8));
  assert.throws(() => distantPermutations(7, 3), RangeError);
});
