import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Progress } from '../../../../src/contract/progress.ts';
import { advance, stageAt, stagesOf, tenthOf, type Shown } from '../../../../src/renderer/features/adapt/meter.ts';

/** What is shown after each of these reports of a run. */
function shown(...reports: readonly (readonly [fraction: number, secondsLeft?: number])[]): Shown[] {
  const all: Shown[] = [];
  for (const [fraction, secondsLeft] of reports) {
    const progress: Progress = { stage: 'adapt', fraction, ...(secondsLeft === undefined ? {} : { secondsLeft }) };
    all.push(advance(all.at(-1), 'run-1', progress));
  }
  return all;
}

test('the bar never goes back, but another run begins anew', () => {
  const all = shown([0.2], [0.1], [0.3]);
  assert.deepEqual(
    all.map(({ fraction }) => fraction),
    [0.2, 0.2, 0.3],
  );
  assert.equal(advance(all.at(-1), 'run-2', { stage: 'prepare', fraction: 0 }).fraction, 0);
});

describe('the time left', () => {
  test('is a range around the estimate until 5 in 100 are done, then one number', () => {
    const [early, late] = shown([0.049, 100], [0.05, 100]);
    assert.ok(Array.isArray(early!.left));
    const [low, high] = early!.left as [number, number];
    assert.ok(low < 100 && high > 100);
    assert.equal(late!.left, 100);
  });
  test('is unknown until it is told, and stays where a report says nothing of it', () => {
    assert.deepEqual(
      shown([0.1], [0.2, 80], [0.3]).map(({ left }) => left),
      [null, 80, 80],
    );
  });
});

describe('a rise of the time left', () => {
  const reasons = (...seconds: (number | undefined)[]): boolean[] =>
    shown(...seconds.map((left) => (left === undefined ? ([0.5] as const) : ([0.5, left] as const)))).map(
      ({ slower }) => slower,
    );

  test('of a tenth needs no reason, of more it does', () => {
    assert.deepEqual(reasons(100, 110), [false, false]);
    assert.deepEqual(reasons(100, 111), [false, true]);
  });
  test('gives its reason until the time is down again', () => {
    assert.deepEqual(reasons(100, 130, 129, undefined, 112, 109), [false, true, true, true, true, false]);
  });
  test('in many small steps is a large one', () => {
    assert.deepEqual(reasons(100, 108, 116), [false, false, true]);
  });
  test('is none against the range of the beginning', () => {
    assert.equal(shown([0.04, 50], [0.06, 500])[1]!.slower, false);
  });
});

test('a screen reader is told each tenth, at the tenth', () => {
  assert.deepEqual([0, 0.0999, 0.1, 0.3, 0.7, 1].map(tenthOf), [0, 0, 1, 3, 7, 10]);
  assert.equal(tenthOf(0.1 + 0.2), 3);
});

test('what stands still is where its saved point is, as far as that tells', () => {
  assert.deepEqual([stageAt(3, 6), stageAt(6, 6), stageAt(null, null)], ['adapt', null, null]);
});

test('a run shows the stages it goes through, and where it is', () => {
  const said = (...of: Parameters<typeof stagesOf>): string =>
    stagesOf(...of)
      .map(({ name, is }) => `${name} ${is}`)
      .join(', ');
  assert.equal(said('one-click', 'train'), 'prepare over, adapt over, train now, check ahead, write ahead');
  assert.equal(said(undefined, null), 'prepare ahead, adapt ahead, train ahead, check ahead, write ahead');
  assert.equal(said('adapt', 'adapt'), 'prepare over, adapt now');
  // What was learned is there already: its stage is passed through within the first.
  assert.equal(said('finetune', 'adapt'), 'prepare now, train ahead, check ahead, write ahead');
  assert.equal(said('finetune', 'check'), 'prepare over, train over, check now, write ahead');
});
