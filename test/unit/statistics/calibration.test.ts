import assert from 'node:assert/strict';
import { test } from 'node:test';
import { generator } from '../../../src/engine/data/random.ts';
import { reliability, riskCoverage, tellingBin, type Said } from '../../../src/statistics/reliability.ts';
import { shareOf } from '../../../src/statistics/share.ts';
import { atTemperature, fitTemperature } from '../../../src/statistics/temperature.ts';
import { wilson } from '../../../src/statistics/wilson.ts';

const near = (actual: number, expected: number, tolerance: number): void =>
  assert.ok(Math.abs(actual - expected) <= tolerance, `${actual} is not within ${tolerance} of ${expected}`);

/** Labels drawn from the softmax of scores, told by the softmax of `sharper` times the scores. */
function world(n: number, sharper: number): { probabilities: Float64Array; labels: number[] } {
  const random = generator(5, 'temperature');
  const scores = random.normal(n * 3).map((value) => 2 * value);
  const truth = atTemperature(scores.map(Math.exp), 3, 1);
  const labels = Array.from({ length: n }, (_, i) => {
    const u = random.uniform(1)[0]!;
    return u < truth[3 * i]! ? 0 : u < truth[3 * i]! + truth[3 * i + 1]! ? 1 : 2;
  });
  return { probabilities: atTemperature(scores.map(Math.exp), 3, 1 / sharper), labels };
}

test('a model that is twice as sure as it may be gets temperature 2, one that is half as sure 1/2', () => {
  for (const sharper of [2, 0.5]) {
    const { probabilities, labels } = world(4000, sharper);
    near(fitTemperature([probabilities, probabilities], labels, 3), sharper, 0.06 * sharper);
  }
});

test('a temperature keeps the order and the sum; few labels that are all right do not make it certain', () => {
  const row = [0.7, 0.2, 0.1];
  const softer = [...atTemperature(row, 3, 2)];
  near(
    softer.reduce((sum, value) => sum + value, 0),
    1,
    1e-12,
  );
  near(softer[0]! / softer[1]!, Math.sqrt(0.7 / 0.2), 1e-9);
  assert.deepEqual(
    [...atTemperature([1, 0], 2, 1)].map((value) => Math.round(value)),
    [1, 0],
  );
  const right = Array.from({ length: 10 }, () => [0.6, 0.4]).flat();
  const fitted = fitTemperature([right], new Array<number>(10).fill(0), 2);
  assert.ok(fitted > 0.2 && fitted < 0.6, `${fitted}`);
});

test('a share of images that stand for themselves has the Wilson range; groups that stick together widen it', () => {
  const images = Array.from({ length: 200 }, (_, i) => ({ hit: i % 5 !== 0, cluster: i, weight: 1 }));
  const alone = shareOf(images)!;
  assert.deepEqual([alone.images, alone.hits, alone.mean], [200, 160, 0.8]);
  wilson(160, 200).forEach((end, i) => near(alone.ci[i]!, end, 1e-9));
  const grouped = shareOf(images.map((image, i) => ({ ...image, cluster: i % 10 })))!;
  assert.ok(grouped.ci[0] < alone.ci[0] - 0.1, 'whole groups are wrong');
  assert.deepEqual(shareOf(images.map((image) => ({ ...image, cluster: 0 })))!.ci, [0, 1]);
  assert.equal(shareOf([]), null);
});

test('reliability counts each image in the bin of what was said, and speaks of 90 % where there is enough', () => {
  const said = (probability: number, hits: number, of: number): Said[] =>
    Array.from({ length: of }, (_, i) => ({
      probability,
      hit: i < hits,
      cluster: Math.round(1000 * probability) + i,
      weight: 1,
    }));
  const images = [...said(0.9, 25, 30), ...said(0.55, 4, 8), ...said(1, 10, 10), ...said(0.85, 1, 1)];
  const bins = reliability(images);
  assert.deepEqual(
    bins.map(({ from, to, images: n, hits }) => [from, to, n, hits]),
    [
      [0.55, 0.65, 8, 4],
      [0.85, 0.95, 31, 26],
      [0.95, 1, 10, 10],
    ],
  );
  assert.equal(tellingBin(bins)?.from, 0.85);
  near(tellingBin(bins)!.said, (30 * 0.9 + 0.85) / 31, 1e-12);
  assert.equal(tellingBin(reliability([...said(0.9, 5, 5), ...said(0.6, 9, 20)]))?.from, 0.55);
  assert.equal(tellingBin([]), undefined);
});

test('the surest images come first: what is named grows, and the wrong ones are counted among them', () => {
  const images = Array.from({ length: 100 }, (_, i) => ({
    probability: (i + 1) / 100,
    hit: i >= 20,
    cluster: i,
    weight: 1,
  }));
  const points = riskCoverage(images);
  assert.equal(points.length, 10);
  assert.deepEqual([points[0]!.threshold, points[0]!.wrong.images, points[0]!.wrong.hits], [0.91, 10, 0]);
  const last = points.at(-1)!;
  assert.deepEqual([last.coverage, last.wrong.hits, last.wrong.mean], [1, 20, 0.2]);
  assert.equal(riskCoverage(images.map((image) => ({ ...image, probability: 0.5 }))).length, 1);
});
