import assert from 'node:assert/strict';
import { test } from 'node:test';
import { coverage, missed } from '../../../bench/intervals-simulation.ts';
import {
  crossedSpread,
  proportionInterval,
  pseudoValues,
  repeatedSplitSpread,
  steadied,
  studentInterval,
} from '../../../src/statistics/intervals.ts';
import { generator } from '../../../src/engine/data/random.ts';
import { incompleteBeta, studentCdf, studentQuantile } from '../../../src/statistics/student.ts';

const near = (actual: number, expected: number, tolerance: number): void =>
  assert.ok(Math.abs(actual - expected) <= tolerance, `${actual} is not within ${tolerance} of ${expected}`);

test('quantiles of the t distribution agree with published tables', () => {
  const known: [p: number, degrees: number, t: number][] = [
    [0.975, 1, 12.706204736],
    [0.975, 2, 4.30265273],
    [0.975, 4, 2.776445105],
    [0.975, 9, 2.262157163],
    [0.95, 9, 1.833112933],
    [0.8, 9, 0.883403859],
    [0.975, 30, 2.042272456],
    [0.995, 7, 3.499483297],
    [0.975, 117, 1.980447599],
    [0.975, 1e7, 1.959964223],
  ];
  for (const [p, degrees, t] of known) {
    near(studentQuantile(p, degrees), t, 1e-6);
    near(studentQuantile(1 - p, degrees), -t, 1e-6);
    near(studentCdf(t, degrees), p, 1e-9);
  }
  // One degree is the Cauchy distribution, two have a closed form.
  near(studentCdf(0.7, 1), 0.5 + Math.atan(0.7) / Math.PI, 1e-12);
  near(studentCdf(-1.3, 2), 0.5 - 1.3 / (2 * Math.sqrt(2 + 1.69)), 1e-12);
  near(incompleteBeta(0.3, 2, 3), 0.3483, 1e-12);
});

test('one factor: the variance of a mean, with n − 1 degrees', () => {
  const { variance, degrees } = crossedSpread({ values: Float64Array.of(1, 2, 4, 9), levels: [4] });
  near(variance, (9 + 4 + 0 + 25) / 3 / 4, 1e-12);
  assert.equal(degrees, 3);
});

test('two factors: row and cluster parts add, the interaction is counted once', () => {
  // value = a_row + b_cluster has no interaction.
  const rows = [0, 1, 5];
  const clusters = [2, 3, 10, 1];
  const additive = Float64Array.from(rows.flatMap((a) => clusters.map((b) => a + b)));
  const sampleVariance = (values: number[]): number => {
    const mean = values.reduce((s, v) => s + v, 0) / values.length;
    return values.reduce((s, v) => s + (v - mean) ** 2, 0) / (values.length - 1);
  };
  near(
    crossedSpread({ values: additive, levels: [3, 4] }).variance,
    sampleVariance(rows) / 3 + sampleVariance(clusters) / 4,
    1e-12,
  );
  // The same values on a third factor that changes nothing.
  const repeated = Float64Array.from([...additive].flatMap((value) => [value, value]));
  near(
    crossedSpread({ values: repeated, levels: [3, 4, 2] }).variance,
    crossedSpread({ values: additive, levels: [3, 4] }).variance,
    1e-12,
  );
});

test('three crossed factors: the estimate is right on average, and never negative', () => {
  const levels = [4, 3, 6];
  const random = generator(3, 'variance');
  const deviation = { draw: 1, seed: 0.7, cluster: 1.5, pair: 0.8, rest: 1 };
  const truth =
    deviation.draw ** 2 / 4 + deviation.seed ** 2 / 3 + deviation.cluster ** 2 / 6 + deviation.pair ** 2 / 24 + 1 / 72;
  let sum = 0;
  const repeats = 3000;
  for (let r = 0; r < repeats; r++) {
    const [draw, seed, cluster, pair, rest] = [4, 3, 6, 24, 72].map((n) => random.normal(n));
    const values = Float64Array.from({ length: 72 }, (_, i) => {
      const [d, s, c] = [Math.floor(i / 18), Math.floor(i / 6) % 3, i % 6];
      return (
        deviation.draw * draw![d]! +
        deviation.seed * seed![s]! +
        deviation.cluster * cluster![c]! +
        deviation.pair * pair![d * 6 + c]! +
        rest![i]!
      );
    });
    const { variance } = crossedSpread({ values, levels });
    assert.ok(variance >= 0);
    sum += variance;
  }
  near(sum / repeats, truth, 0.04 * truth);
});

test('a factor that was not repeated is left out; nothing repeated gives the whole range', () => {
  const values = Float64Array.of(1, 2, 4, 9);
  assert.deepEqual(crossedSpread({ values, levels: [1, 4] }), crossedSpread({ values, levels: [4] }));
  assert.deepEqual(studentInterval(0.4, crossedSpread({ values: Float64Array.of(1), levels: [1, 1] }), [0, 1]), [0, 1]);
});

test('degrees: at least the smaller count − 1, and that where its factor makes the spread', () => {
  const rows = Float64Array.from([0, 10, 20].flatMap((a) => Array.from({ length: 50 }, (_, c) => a + (c % 2) / 100)));
  near(crossedSpread({ values: rows, levels: [3, 50] }).degrees, 2, 1e-3);
  const clusters = Float64Array.from([0, 1, 2].flatMap((a) => Array.from({ length: 50 }, (_, c) => a / 1000 + c)));
  near(crossedSpread({ values: clusters, levels: [3, 50] }).degrees, 49, 0.1);
  assert.equal(crossedSpread({ values: new Float64Array(150), levels: [3, 50] }).degrees, 2);
});

test('what draws and clusters make together counts once, with those of which there are fewer', () => {
  // Images of which each draw gets others wrong, as many in each draw: all of the spread is interaction.
  const each = [0, 1, 2].flatMap((draw) => Array.from({ length: 30 }, (_, image) => (image % 3 === draw ? 0 : 1)));
  const together = crossedSpread({ values: Float64Array.from(each), levels: [3, 30] });
  assert.ok(together.variance < 1e-12, 'draws with equal scores show no spread, and images that are equally hard none');
  // Draws that differ, images that are equally hard: the draws' part alone, with the draws' degrees.
  const shifted = Float64Array.from(each, (value, at) => value + Math.floor(at / 30));
  const byDraws = crossedSpread({ values: shifted, levels: [3, 30] });
  near(byDraws.variance, 1 / 3, 1e-12);
  near(byDraws.degrees, 2, 1e-9);
  // The same with factors named the other way round.
  const turned = Float64Array.from({ length: 90 }, (_, at) => shifted[(at % 3) * 30 + Math.floor(at / 3)]!);
  const inTurn = crossedSpread({ values: turned, levels: [30, 3] });
  near(inTurn.variance, byDraws.variance, 1e-12);
  near(inTurn.degrees, byDraws.degrees, 1e-9);
});

test('few telling clusters: no surer than images asked once, at once where none tells, hardly where many do', () => {
  const spread = { variance: 1e-6, degrees: 20 };
  const once = (0.99 * 0.01) / 30;
  near(steadied(0.99, spread, 30, 0).variance, once, 1e-12);
  near(steadied(0.99, spread, 30, 1).variance, (1e-6 + 0.1 * once) / 1.1, 1e-12);
  assert.ok(steadied(0.99, spread, 30, 1000).variance < 1.1e-6);
  assert.equal(steadied(0.99, { variance: 1, degrees: 20 }, 30, 2).variance, 1, 'what groups widen stays');
  assert.equal(steadied(0.99, spread, 30, 1).degrees, 20);
});

test('Wilson: known values, and an honest upper end where everything was right', () => {
  const independent = { variance: (0.8 * 0.2) / 50, degrees: 1e9 };
  const [low, high] = proportionInterval(0.8, independent, 50);
  near(low, 0.669629, 1e-6);
  near(high, 0.887562, 1e-6);
  const [least, most] = proportionInterval(1, { variance: 0, degrees: 1e9 }, 20);
  near(least, 20 / (20 + 1.959964 ** 2), 1e-6);
  near(most, 1, 1e-12);
});

test('pseudo-values of a mean are the values themselves', () => {
  const values = [3, 5, 10];
  const without = Float64Array.of(7.5, 6.5, 4);
  assert.deepEqual([...pseudoValues(6, without)], values);
});

test('repeated splits: s² (1/J + n_test/n_train)', () => {
  const spread = repeatedSplitSpread([0.7, 0.8, 0.9], 20, 80);
  near(spread.variance, 0.01 * (1 / 3 + 0.25), 1e-12);
  assert.equal(spread.degrees, 2);
  assert.equal(repeatedSplitSpread([0.7], 20, 80).degrees, 0);
});

test('simulated studies: intervals hold the truth, "helped" stays rare, and a bootstrap over images fails the same', () => {
  for (const cell of [
    { accuracy: 0.9, images: 118, groups: 8, draws: 5, gain: 0 },
    { accuracy: 0.6, images: 118, groups: 12, draws: 5, gain: 0 },
  ]) {
    const found = coverage(cell, 300);
    // So few repeats cannot tell 97 % from more than 98 %.
    const narrow = missed(cell, found).filter((what) => !what.endsWith('wide'));
    assert.deepEqual(narrow, [], JSON.stringify(found));
    assert.ok(missed(cell, { ...found, difference: found.bootstrap }).includes('covers'), `${found.bootstrap}`);
  }
  const seeded = coverage({ accuracy: 0.9, images: 118, groups: 0, draws: 4, seeds: 3, gain: 0.04 }, 300);
  assert.ok(seeded.difference >= 0.93, `with seeds and a gain ${seeded.difference}`);
});
