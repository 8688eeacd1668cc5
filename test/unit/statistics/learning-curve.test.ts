import assert from 'node:assert/strict';
import { test } from 'node:test';
import { generator } from '../../../src/engine/data/random.ts';
import { ladderOf, outlook, type CurvePoint } from '../../../src/statistics/learning-curve.ts';

const ladder = [1, 2, 3, 5, 8, 13, 21, 34];

test('steps grow by about 1.6 and end with all labels', () => {
  assert.deepEqual(ladderOf([34, 10]), ladder);
  assert.deepEqual([ladderOf([1]), ladderOf([0, 0]), ladderOf([])], [[1], [], []]);
});

test('of an error that falls as a power, the guess is that power; fewer than 3 points guess nothing', () => {
  const points = ladder.map((labels) => ({ labels, perOrder: [1, 1, 1].map(() => 1 - 0.5 * labels ** -0.5) }));
  const { gain, line } = outlook(points)!;
  const expected = 0.5 * (34 ** -0.5 - 39 ** -0.5);
  assert.ok(Math.abs(gain.mean - expected) < 1e-9);
  // Orders agree: what is left is that it may be no power, by so much as the guess reaches beyond the curve.
  const reach = Math.log(39 / 34) / Math.log(34);
  assert.ok(Math.abs(gain.ci[1] - gain.mean - 4.302653 * 0.5 * reach * expected) < 1e-6);
  assert.deepEqual([line[0]!.labels, line.at(-1)!.labels], [34, 39]);
  assert.equal(outlook(points.slice(0, 2)), null);
  assert.equal(outlook([]), null);
});

test('what did not rise is not said to rise, and what orders differ by is in the range', () => {
  const falling = ladder.map((labels) => ({ labels, perOrder: [0.9 - labels / 1000, 0.9 - labels / 1000] }));
  assert.equal(outlook(falling)!.gain.mean, 0);
  const noise = (scale: number): CurvePoint[] => {
    const random = generator(1, 'orders');
    return ladder.map((labels, step) => {
      const last = step === ladder.length - 1;
      const offsets = random.normal(8);
      return {
        labels,
        perOrder: [...offsets].map((z) => 1 - 0.5 * labels ** -0.5 + (last ? 0 : (scale * z) / Math.sqrt(labels))),
      };
    });
  };
  const width = (points: readonly CurvePoint[]): number => {
    const [low, high] = outlook(points)!.gain.ci;
    return high - low;
  };
  assert.ok(width(noise(0.1)) > 2 * width(noise(0.04)));
});
