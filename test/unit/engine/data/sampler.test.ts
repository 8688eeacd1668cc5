import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createSampler } from '../../../../src/engine/data/sampler.ts';

const ids = Array.from({ length: 23 }, (_, i) => 100 + 3 * i);

test('an epoch shows no image twice, and every epoch another order', () => {
  const sampler = createSampler(ids, 5, 1);
  assert.equal(sampler.stepsPerEpoch, 4);
  const epochs = [0, 1, 2].map((epoch) => [0, 1, 2, 3].flatMap((step) => [...sampler.batch(epoch * 4 + step)]));
  for (const seen of epochs) {
    assert.equal(new Set(seen).size, 20);
    assert.ok(seen.every((id) => ids.includes(id)));
  }
  assert.notDeepEqual(epochs[0], epochs[1]);
  assert.equal(new Set(epochs.flat()).size, 23, 'what one epoch drops, another shows');
});

test('a step depends on the seed and the step alone', () => {
  const forwards = createSampler(ids, 5, 7);
  const all = Array.from({ length: 12 }, (_, step) => [...forwards.batch(step)]);
  const backwards = createSampler(ids, 5, 7);
  for (let step = 11; step >= 0; step--) assert.deepEqual([...backwards.batch(step)], all[step]);
  assert.notDeepEqual([...createSampler(ids, 5, 8).batch(0)], all[0]);
});

test('fewer images than a batch wrap around evenly', () => {
  const sampler = createSampler([4, 5, 6], 8, 0);
  assert.equal(sampler.stepsPerEpoch, 1);
  const counts = [4, 5, 6].map((id) => sampler.batch(3).filter((other) => other === id).length);
  assert.deepEqual(counts.sort(), [2, 3, 3]);
});

test('no images is an error', () => {
  assert.throws(() => createSampler([], 4, 0), RangeError);
});
