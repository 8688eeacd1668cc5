import assert from 'node:assert/strict';
import { test } from 'node:test';
import { generator } from '../../../../src/engine/data/random.ts';
import { limitOf, nearestDistances, referencesOf, usualShare } from '../../../../src/engine/regimes/unlike.ts';

const width = 12;
/** Features of as many images as there are centres, about each of them. */
function about(centres: readonly Float32Array[], spread: number, seed: number): Float32Array {
  const noise = generator(seed, 'about').normal(centres.length * width);
  return Float32Array.from(noise, (value, i) => centres[Math.floor(i / width)]![i % width]! + spread * value);
}
const somewhere = (seed: number, kind = 'class'): Float32Array => generator(seed, kind).normal(width);
const classes = Array.from({ length: 5 }, (_, seed) => somewhere(seed));
const drawn = (count: number) => Array.from({ length: count }, (_, i) => classes[i % classes.length]!);
const alone = (count: number): number[] => Array.from({ length: count }, (_, i) => i);
const above = (distances: Float64Array, limit: number): number =>
  distances.filter((distance) => distance > limit).length / distances.length;

test('of new images like the training ones about as many are called unlike as is said; of other kinds nearly all', () => {
  const repeats = 40;
  let [flagged, expected, others] = [0, 0, 0];
  for (let repeat = 0; repeat < repeats; repeat++) {
    const labels = 60;
    const references = referencesOf(about(drawn(labels), 0.4, repeat), alone(labels), generator(repeat, 'unlike'));
    const found = limitOf(references)!;
    expected += found.expected / repeats;
    flagged += above(nearestDistances(references, about(drawn(300), 0.4, 1000 + repeat)), found.limit) / repeats;
    const elsewhere = Array.from({ length: 50 }, (_, i) => somewhere(i, 'another kind'));
    others += above(nearestDistances(references, about(elsewhere, 0.4, 2000 + repeat)), found.limit) / repeats;
  }
  assert.ok(expected > 0.03 && expected <= usualShare, `${expected}`);
  assert.ok(Math.abs(flagged - expected) < 0.012, `${flagged} flagged, ${expected} said`);
  assert.ok(others > 0.95, `${others}`);
});

test('no image is measured by its own group: new groups are like those that were held out', () => {
  // Images of a group are nearly the same, as crops of one slide are.
  const [groups, each] = [40, 6];
  const slides = about(drawn(groups), 0.4, 1);
  const slide = (at: number): Float32Array => slides.subarray(at * width, (at + 1) * width);
  const members = Array.from({ length: groups * each }, (_, i) => Math.floor(i / each));
  const features = about(members.map(slide), 0.01, 2);
  const fresh = about(drawn(200), 0.4, 3);
  const share = (labelled: readonly number[]): number => {
    const references = referencesOf(features, labelled, generator(1, 'unlike'));
    return above(nearestDistances(references, fresh), limitOf(references)!.limit);
  };
  assert.ok(share(members) < 2 * usualShare, `${share(members)}`);
  assert.ok(share(alone(members.length)) > 0.9, 'groups are what makes the difference');
});

test('the limit is the value of its rank, by brute force', () => {
  const groups = Array.from({ length: 45 }, (_, i) => Math.floor(i / 3));
  const features = about(drawn(45), 0.5, 7);
  const unit = (i: number): number[] => {
    const row = [...features.subarray(i * width, (i + 1) * width)];
    return row.map((value) => value / Math.hypot(...row));
  };
  const held = groups.map((group, i) =>
    Math.min(
      ...groups.flatMap((other, j) =>
        other === group ? [] : [Math.hypot(...unit(i).map((value, k) => value - unit(j)[k]!))],
      ),
    ),
  );
  const references = referencesOf(features, groups, generator(1, 'unlike'));
  const { limit, expected } = limitOf(references)!;
  // ⌈46 · 0.95⌉ = 44 of 45.
  assert.ok(Math.abs(limit - held.toSorted((a, b) => a - b)[43]!) < 1e-5);
  assert.equal(expected, 2 / 46);
  assert.ok(
    nearestDistances(references, features).every((distance) => distance < 1e-3),
    'itself is near',
  );
});

test('too few images, one group alone, or nothing but copies: no limit', () => {
  const of = (groups: readonly number[], features: Float32Array) =>
    limitOf(referencesOf(features, groups, generator(1, 'unlike')));
  assert.equal(of(alone(18), about(drawn(18), 0.4, 1)), null);
  assert.notEqual(of(alone(19), about(drawn(19), 0.4, 1)), null);
  assert.equal(of(alone(30).fill(4), about(drawn(30), 0.4, 1)), null);
  assert.equal(of(alone(30), new Float32Array(30 * width).fill(1)), null);
  assert.equal(of([], new Float32Array()), null);
});
