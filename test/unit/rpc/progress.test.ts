import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Progress } from '../../../src/contract/progress.ts';
import { progressGate } from '../../../src/rpc/progress.ts';

test('at most ten reports a second pass, and the last one always arrives', ({ mock }) => {
  mock.timers.enable({ apis: ['setTimeout', 'Date'], now: 1_000_000 });
  const sent: Progress[] = [];
  const gate = progressGate((progress) => sent.push(progress));
  for (let step = 1; step <= 1000; step += 1) {
    gate.push({ stage: 'adapt', fraction: step / 1000 });
    mock.timers.tick(1);
  }
  assert(sent.length >= 9 && sent.length <= 11, `${sent.length} reports in one second`);
  gate.push({ stage: 'adapt', fraction: 1, detail: 'last' });
  gate.flush();
  assert.deepEqual(sent.at(-1), { stage: 'adapt', fraction: 1, detail: 'last' });
  const count = sent.length;
  mock.timers.tick(1000);
  assert.equal(sent.length, count, 'nothing is sent twice');
});

test('the fraction never falls, whatever is reported', () => {
  const sent: number[] = [];
  const gate = progressGate(({ fraction }) => sent.push(fraction));
  gate.push({ stage: 'train', fraction: 0.8 });
  gate.push({ stage: 'check', fraction: 0.2 });
  gate.flush();
  assert.deepEqual(sent, [0.8, 0.8]);
});
