import assert from 'node:assert/strict';
import { test } from 'node:test';
import { generator } from '../../../src/engine/data/random.ts';
import { proportionInterval } from '../../../src/statistics/intervals.ts';
import { reliability, riskCoverage, tellingBin, type Said } from '../../../src/statistics/reliability.ts';
import { shareOf } from '../../../src/statistics/share.ts';
import { atTemperature, fitTemperature } from '../../../src/statistics/temperature.ts';
import { wilson } from '../../../src/statistics/wilson.ts';

const near = (actual: number, expected: number, tolerance: number): void =>
  assert.ok(Math.abs(actual - expected) <= tolerance, `${actual} is not within ${tolerance} of ${expected}`);

/** An image that stands for itself and is asked once. */
const alike = (image: number) => ({ image, draw: 0, cluster: image, weight: 1 });

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
  const images = Array.from({ length: 200 }, (_, i) => ({ ...alike(i), hit: i % 5 !== 0 }));
  const alone = shareOf(images)!;
  assert.deepEqual([alone.images, alone.hits, alone.mean], [200, 160, 0.8]);
  wilson(160, 200).forEach((end, i) => near(alone.ci[i]!, end, 1e-9));
  const grouped = shareOf(images.map((image, i) => ({ ...image, cluster: i % 10 })))!;
  assert.ok(grouped.ci[0] < alone.ci[0] - 0.1, 'whole groups are wrong');
  assert.deepEqual(shareOf(images.map((image) => ({ ...image, cluster: 0 })))!.ci, [0, 1]);
  assert.equal(shareOf([]), null);
});

test('an image that is asked again by another draw is no new evidence, and draws that differ widen the range', () => {
  const width = ([low, high]: readonly [number, number]): number => high - low;
  const once = Array.from({ length: 60 }, (_, i) => ({ ...alike(i), hit: i % 5 !== 0 }));
  const [alone, again] = [shareOf(once)!, shareOf([0, 1, 2].flatMap((draw) => once.map((of) => ({ ...of, draw }))))!];
  assert.deepEqual([again.images, again.hits, again.misses], [60, 48, 12]);
  near(again.mean, alone.mean, 1e-12);
  // Three times the answers: taken for independent, they would say 1/√3 of it.
  assert.ok(width(again.ci) > 0.95 * width(alone.ci), `${width(again.ci)} ${width(alone.ci)}`);
  // As many hits and misses of each image, but one draw has all the misses of these.
  const uneven = [0, 1, 2].flatMap((draw) =>
    once.map((of) => ({ ...of, draw, hit: draw === 0 ? of.image % 5 > 2 : true })),
  );
  assert.deepEqual([shareOf(uneven)!.hits, shareOf(uneven)!.misses], [60, 36]);
  near(shareOf(uneven)!.mean, 0.8, 1e-12);
  assert.ok(width(shareOf(uneven)!.ci) > 2 * width(again.ci), 'another draw may be like that one');
});

test('the range of pooled answers is that of a plain loop over draws and clusters', () => {
  const random = generator(9, 'pooled').uniform(600);
  const answers: Said[] = [];
  for (let draw = 0; draw < 3; draw++) {
    for (let image = 0; image < 40; image++) {
      const at = 5 * (draw * 40 + image);
      // Some of them, as in a bin; of 8 groups, with weights of their images.
      if (random[at]! < 0.3) continue;
      const hit = random[at + 1]! < 0.5 + 0.1 * (image % 4) + 0.05 * draw;
      answers.push({ image, draw, cluster: image % 8, weight: 1 + (image % 3), hit, probability: random[at + 2]! });
    }
  }
  const share = (kept: readonly Said[]): number => {
    let [hits, all] = [0, 0];
    for (const { weight, hit } of kept) [hits, all] = [hits + (hit ? weight : 0), all + weight];
    return hits / all;
  };
  const whole = share(answers);
  const pseudo = [0, 1, 2].map((draw) =>
    Array.from({ length: 8 }, (_, cluster) => {
      const left = answers.filter((answer) => answer.draw !== draw || answer.cluster !== cluster);
      return 24 * whole - 23 * share(left);
    }),
  );
  const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;
  const grand = mean(pseudo.flat());
  const rows = pseudo.map(mean);
  const columns = Array.from({ length: 8 }, (_, cluster) => mean(pseudo.map((row) => row[cluster]!)));
  const squares = (values: readonly number[]): number => values.reduce((sum, value) => sum + (value - grand) ** 2, 0);
  const ofDraws = squares(rows) / (3 * 2);
  const ofClusters = squares(columns) / (8 * 7);
  let both = 0;
  pseudo.forEach((row, d) => row.forEach((value, c) => (both += (value - rows[d]! - columns[c]! + grand) ** 2)));
  // Three draws against eight groups: what both make together is counted with the draws.
  const ofClustersAlone = Math.max(0, ofClusters - both / (6 * 56));
  const variance = ofDraws + ofClustersAlone;
  const degrees = variance / (ofDraws / 2 + ofClustersAlone / 7);
  const weights = Array.from({ length: 40 }, (_, image) =>
    answers.filter((answer) => answer.image === image).reduce((sum, { weight }) => sum + weight, 0),
  );
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  const effective = total ** 2 / weights.reduce((sum, weight) => sum + weight ** 2, 0);
  const floor = Math.max(variance, (whole * (1 - whole)) / effective);
  const expected = proportionInterval(whole, { variance: floor, degrees }, effective);
  const found = shareOf(answers)!;
  near(found.mean, whole, 1e-12);
  expected.forEach((end, i) => near(found.ci[i]!, end, 1e-9));
  const different = (hit: boolean): number =>
    new Set(answers.filter((each) => each.hit === hit).map(({ image }) => image)).size;
  assert.deepEqual([found.hits, found.misses], [different(true), different(false)]);
  assert.ok(found.hits + found.misses > found.images, 'an image may be right in one draw and wrong in another');
});

test('reliability counts each image in the bin of what was said, and speaks of 90 % where there is enough', () => {
  const said = (probability: number, hits: number, of: number): Said[] =>
    Array.from({ length: of }, (_, i) => ({
      ...alike(Math.round(1000 * probability) + i),
      probability,
      hit: i < hits,
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
    ...alike(i),
    probability: (i + 1) / 100,
    hit: i >= 20,
  }));
  const points = riskCoverage(images);
  assert.equal(points.length, 10);
  assert.deepEqual([points[0]!.threshold, points[0]!.wrong.images, points[0]!.wrong.hits], [0.91, 10, 0]);
  const last = points.at(-1)!;
  assert.deepEqual([last.coverage, last.wrong.hits, last.wrong.mean], [1, 20, 0.2]);
  assert.equal(riskCoverage(images.map((image) => ({ ...image, probability: 0.5 }))).length, 1);
});
