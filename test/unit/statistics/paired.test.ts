import assert from 'node:assert/strict';
import { test } from 'node:test';
import { generator } from '../../../src/engine/data/random.ts';
import { pairedDifference, type PairedImage } from '../../../src/statistics/paired.ts';
import { studentQuantile } from '../../../src/statistics/student.ts';

const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;
const width = ({ ci }: { ci: readonly [number, number] }): number => ci[1] - ci[0];

test('a paired difference: its mean, a range that groups widen, and none from one group', () => {
  const images = Array.from({ length: 60 }, (_, i) => ({
    first: [[i % 6 === 0 ? 0 : 1]],
    second: [[1]],
    cluster: i,
    weight: 1,
  }));
  const alone = pairedDifference(images, true);
  assert.ok(Math.abs(alone.mean - 1 / 6) < 1e-12);
  // s² / n of ten ones among sixty, Student's t of 59 degrees.
  const half = 2.000995 * Math.sqrt((10 * 50) / 60 / 59 / 60);
  assert.ok(Math.abs(alone.ci[1] - alone.mean - half) < 1e-5);
  const grouped = pairedDifference(
    images.map((image, i) => ({ ...image, cluster: i % 6 })),
    true,
  );
  assert.ok(width(grouped) > 2 * width(alone));
  const one = images.map((image) => ({ ...image, cluster: 1 }));
  assert.deepEqual(pairedDifference(one, true).ci, [-1, 1]);
});

/** Two models, so many draws and seeds each, over images of which some are hard for both. */
function world(images: number, draws: number, seeds: readonly [number, number], seed: number): PairedImage[] {
  const random = generator(seed, 'paired');
  const [ease, ofDraw] = [random.normal(images), random.normal(draws)];
  const ofSeed = seeds.map((count) => random.normal(count));
  const chance = random.uniform(images * draws * (seeds[0] + seeds[1]));
  let at = 0;
  const cells = (image: number, model: 0 | 1): number[][] =>
    Array.from({ length: draws }, (_, draw) =>
      Array.from({ length: seeds[model] }, (__, s) => {
        const logit = 1 + ease[image]! + 0.5 * ofDraw[draw]! + 0.5 * ofSeed[model]![s]!;
        return chance[at++]! < 1 / (1 + Math.exp(-logit)) ? 1 : 0;
      }),
    );
  return Array.from({ length: images }, (_, image) => ({
    first: cells(image, 0),
    second: cells(image, 1),
    cluster: image,
    weight: 1,
  }));
}

test('the range is that of a plain loop: images from their differences, seeds of each model for itself', () => {
  const images = world(40, 1, [3, 4], 5);
  const { mean: found, ci } = pairedDifference(images, true);
  const n = images.length;
  const differences = images.map(({ first, second }) => mean(second[0]!) - mean(first[0]!));
  const centre = mean(differences);
  assert.ok(Math.abs(found - centre) < 1e-12);
  const squares = (values: readonly number[]): number => {
    const middle = mean(values);
    return values.reduce((sum, value) => sum + (value - middle) ** 2, 0);
  };
  const parts = [{ variance: squares(differences) / (n * (n - 1)), degrees: n - 1 }];
  for (const side of ['first', 'second'] as const) {
    const seeds = images[0]![side][0]!.length;
    const ofSeed = Array.from({ length: seeds }, (_, seed) => mean(images.map((image) => image[side][0]![seed]!)));
    const ofImage = images.map((image) => mean(image[side][0]!));
    const grand = mean(ofSeed);
    let both = 0;
    images.forEach((image, i) =>
      image[side][0]!.forEach((hit, seed) => (both += (hit - ofImage[i]! - ofSeed[seed]! + grand) ** 2)),
    );
    const [bySeed, byImage] = [squares(ofSeed) / (seeds * (seeds - 1)), squares(ofImage) / (n * (n - 1))];
    const whole = Math.max(bySeed + byImage - both / (seeds * (seeds - 1) * n * (n - 1)), bySeed, byImage);
    parts.push({ variance: whole - byImage, degrees: seeds - 1 });
  }
  const variance = parts.reduce((sum, part) => sum + part.variance, 0);
  const degrees = variance / parts.reduce((sum, part) => sum + part.variance / part.degrees, 0);
  const half = studentQuantile(0.975, degrees) * Math.sqrt(variance);
  assert.ok(
    parts.slice(1).some((part) => part.variance > 0.1 * parts[0]!.variance),
    'seeds matter here',
  );
  assert.ok(Math.abs(ci[0] - (centre - half)) < 1e-9 && Math.abs(ci[1] - (centre + half)) < 1e-9, `${ci} ${half}`);
});

test('where seeds differ, a range over images alone misses the truth, and one over seeds too holds it', () => {
  const repeats = 300;
  let [held, alone] = [0, 0];
  for (let repeat = 0; repeat < repeats; repeat++) {
    // Both models are the same but for their seeds: the true difference is none.
    const images = world(150, 1, [3, 3], 100 + repeat);
    const holds = ({ ci }: { ci: readonly [number, number] }): number => (ci[0] <= 0 && 0 <= ci[1] ? 1 : 0);
    held += holds(pairedDifference(images, true));
    const asOne = images.map((image) => ({
      ...image,
      first: [[mean(image.first[0]!)]],
      second: [[mean(image.second[0]!)]],
    }));
    alone += holds(pairedDifference(asOne, true));
  }
  assert.ok(held >= 0.92 * repeats, `${held} of ${repeats} with seeds`);
  assert.ok(alone < 0.75 * repeats, `${alone} of ${repeats} without`);
});

test('label draws that both runs share are paired; draws of their own widen the range', () => {
  const images = world(150, 4, [1, 1], 3);
  const [shared, own] = [pairedDifference(images, true), pairedDifference(images, false)];
  assert.equal(shared.mean, own.mean);
  assert.ok(width(own) > 1.3 * width(shared), `${width(own)} ${width(shared)}`);
});
