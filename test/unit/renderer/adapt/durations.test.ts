import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Plan } from '../../../../src/contract/runs.ts';
import { lineStages, spanOf, sumOf } from '../../../../src/renderer/features/adapt/durations.ts';

const span = (low: number, high: number): unknown[] => {
  const { key, ...ends } = spanOf([low, high]);
  return [ends.low, ends.high, key];
};

test('a span is said in the unit a person would use, by its long end', () => {
  assert.deepEqual(span(20, 89), [20, 89, 'seconds']);
  assert.deepEqual(span(20, 90), [1, 2, 'minutes']);
  assert.deepEqual(span(50 * 60, 70 * 60), [50, 70, 'minutes']);
  assert.deepEqual(span(3600, 5399), [60, 90, 'minutes']);
  assert.deepEqual(span(3600, 2 * 3600), [1, 2, 'hours']);
  assert.deepEqual(span(1.26 * 3600, 6 * 3600), [1.3, 6, 'hours']);
});

test('no end of a span is nothing', () => {
  assert.deepEqual(span(0, 0.2), [1, 1, 'seconds']);
  assert.deepEqual(span(1, 100), [1, 2, 'minutes']);
  assert.deepEqual(span(60, 5400), [0.1, 1.5, 'hours']);
});

test('each stage of a run belongs to one line of the plan, and the lines come to the whole', () => {
  const stages: Plan['stages'] = ['prepare', 'adapt', 'train', 'check', 'write'].map((name, i) => ({
    name,
    what: '',
    seconds: [10 ** i, 2 * 10 ** i],
  }));
  assert.deepEqual(
    lineStages.map((names) => sumOf(stages, names)),
    [
      [11, 22],
      [100, 200],
      [11_000, 22_000],
    ],
  );
  assert.deepEqual(sumOf(stages), [11_111, 22_222]);
  assert.deepEqual(sumOf([]), [0, 0]);
});
