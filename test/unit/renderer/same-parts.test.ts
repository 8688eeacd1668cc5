import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sameParts } from '../../../src/renderer/state/same-parts.ts';

test('what says the same is the same object as before, and what does not is what came', () => {
  const before = { seq: 1, run: { id: 'r', parts: [{ at: 1 }, { at: 2 }] }, gone: 1, list: [1, 2] };
  const now = { seq: 2, run: { id: 'r', parts: [{ at: 1 }, { at: 3 }] }, list: [1, 2] };
  const shared = sameParts(before, now);
  assert.deepEqual(shared, now);
  assert.equal(shared.list, before.list);
  assert.notEqual(shared.run, before.run);
  assert.equal(shared.run.parts[0], before.run.parts[0]);
  assert.notEqual(shared.run.parts[1], before.run.parts[1]);
  assert.equal(sameParts(before, structuredClone(before)), before);
  // A shorter list, an empty one, nothing at all: none of them is what was there.
  assert.deepEqual(sameParts([1, 2], [1]), [1]);
  assert.deepEqual(sameParts([], {}), {});
  assert.deepEqual(sameParts({ a: undefined }, {}), {});
  assert.equal(sameParts({ a: 1 }, null), null);
});
