import assert from 'node:assert/strict';
import { test } from 'node:test';
import { riseAndCosine, scheduleOf, targetDecay } from '../../../../src/engine/optim/schedules.ts';

test('the rate rises over the first tenth, reaches its top once and falls towards 0', () => {
  const total = 100;
  const shares = Array.from({ length: total }, (_, step) => riseAndCosine(step, total));
  assert.ok(Math.abs((shares[0] as number) - 0.1) < 1e-12);
  assert.equal(shares[9], 1);
  assert.equal(Math.max(...shares), 1);
  for (let step = 1; step < 10; step++) assert.ok((shares[step] as number) > (shares[step - 1] as number));
  for (let step = 11; step < total; step++) assert.ok((shares[step] as number) < (shares[step - 1] as number));
  assert.ok(Math.abs((shares[55] as number) - 0.5) < 1e-12);
  assert.ok((shares[99] as number) < 1e-3);
});

test('very short runs have finite rates above 0', () => {
  for (const total of [1, 2, 3, 5]) {
    for (let step = 0; step < total; step++) {
      const share = riseAndCosine(step, total);
      assert.ok(share > 0 && share <= 1, `step ${step} of ${total}: ${share}`);
    }
  }
});

test('the target moves fastest at the start and stands still at the end', () => {
  assert.equal(targetDecay(0.99, 0, 50), 0.99);
  assert.ok(Math.abs(targetDecay(0.99, 25, 50) - 0.995) < 1e-12);
  assert.equal(targetDecay(0.99, 50, 50), 1);
});

test('heads warm up for whole epochs, but for no more than half of the run', () => {
  const at = (epochs: number) => scheduleOf({ step: 0, stepsPerEpoch: 39, epochs }, 1);
  assert.deepEqual(at(4), { total: 156, warmUp: 39 });
  assert.deepEqual(at(1), { total: 39, warmUp: 19 });
  assert.deepEqual(scheduleOf({ step: 0, stepsPerEpoch: 10, epochs: 4 }, 0), { total: 40, warmUp: 0 });
});
