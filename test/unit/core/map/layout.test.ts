import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { turnTowards } from '../../../../src/core/map/align.ts';
import { clustersOf } from '../../../../src/core/map/clusters.ts';
import { fitPlaces } from '../../../../src/core/map/fit.ts';
import { apart, nearestOfEach } from '../../../../src/core/map/near.ts';
import { alongAxes, principalAxes } from '../../../../src/core/map/pca.ts';
import { Placer } from '../../../../src/core/map/place.ts';
import { scattered, seeded } from '../../../../src/core/map/random.ts';

const random = seeded(7);
const normal = (): number => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());

/** Four groups far apart in 8 dimensions. */
const groups = 4;
const count = 240;
const rows = Float32Array.from({ length: count * 8 }, (_, at) => {
  const [row, column] = [Math.floor(at / 8), at % 8];
  return (column === row % groups ? 20 : 0) + normal();
});

describe('principal axes', () => {
  test('variances and axes of points drawn along known ones', () => {
    // Rotated by 30°, standard deviations 3 and 1, beside a column that does not vary.
    const [c, s] = [Math.cos(Math.PI / 6), Math.sin(Math.PI / 6)];
    const points = Float32Array.from(
      Array.from({ length: 4000 }, () => [3 * normal(), normal()]).flatMap(([u, v]) => [
        5 + c * u! - s * v!,
        -2 + s * u! + c * v!,
        7,
        0,
      ]),
    );
    const { axes, variances, mean } = principalAxes(points, 4, 2);
    assert.ok(Math.abs(variances[0]! - 9) < 0.6 && Math.abs(variances[1]! - 1) < 0.06, String(variances));
    assert.ok(Math.abs(mean[0]! - 5) < 0.2 && mean[2] === 7);
    assert.ok(Math.abs(axes[0]! - c) < 0.01 && Math.abs(axes[1]! - s) < 0.02, String(axes.subarray(0, 4)));
    const along = alongAxes(principalAxes(points, 4, 2), points);
    const sum = along.reduce((total, value, at) => total + (at % 4 === 0 ? value * value : 0), 0);
    assert.ok(Math.abs(sum / 3999 - variances[0]!) < 1e-3, 'the rows vary along an axis as it says');
  });

  test('of a covariance that is known exactly, to 1e-9', () => {
    const points = Float32Array.from(
      [1, 1, -1, -1, 2, -2, -2, 2].flatMap((value, at) => (at % 2 ? [value, 0, 0] : [value])),
    );
    const { variances, axes } = principalAxes(points, 4, 4);
    assert.ok(Math.abs(variances[0]! - 16 / 3) < 1e-9 && Math.abs(variances[1]! - 4 / 3) < 1e-9, String(variances));
    assert.ok(Math.abs(Math.abs(axes[0]!) - Math.SQRT1_2) < 1e-9 && Math.abs(axes[0]! + axes[1]!) < 1e-9);
  });
});

test('the nearest rows are those a plain loop finds', () => {
  const k = 5;
  const found = nearestOfEach(rows, 8, k, () => {});
  for (let row = 0; row < count; row += 17) {
    const plain = Array.from({ length: count }, (_, other) => other).sort(
      (a, b) => apart(rows, row * 8, rows, a * 8, 8) - apart(rows, row * 8, rows, b * 8, 8),
    );
    assert.deepEqual([...found.places.subarray(row * k, (row + 1) * k)], plain.slice(0, k));
  }
});

describe('a map', () => {
  const axes = principalAxes(rows, 8, 8);
  const along = alongAxes(axes, rows);
  const places = fitPlaces(along, axes.kept, () => {});
  const at = (row: number): [number, number] => [places[2 * row]!, places[2 * row + 1]!];
  const far = ([x, y]: readonly number[], [u, v]: readonly number[]): number => Math.hypot(x! - u!, y! - v!);
  const middle = (group: number): [number, number] => {
    const own = Array.from({ length: count / groups }, (_, i) => at(i * groups + group));
    return [own.reduce((s, [x]) => s + x, 0) / own.length, own.reduce((s, [, y]) => s + y, 0) / own.length];
  };

  test('holds together what is alike, and is the same each time', () => {
    for (let row = 0; row < count; row++) {
      const distances = Array.from({ length: groups }, (_, group) => far(at(row), middle(group)));
      assert.equal(distances.indexOf(Math.min(...distances)), row % groups);
    }
    assert.deepEqual(
      fitPlaces(along, axes.kept, () => {}),
      places,
    );
  });

  test('places a further image among those it is like, and a fitted one where it is', () => {
    const placer = new Placer(along, axes.kept, places);
    assert.ok(far(placer.place(along.subarray(0, axes.kept)), at(0)) < 1e-3);
    for (let group = 0; group < groups; group++) {
      const other = Float32Array.from({ length: 8 }, (_, column) => (column === group ? 20 : 0) + normal());
      const placed = placer.place(alongAxes(axes, other));
      const distances = Array.from({ length: groups }, (_, to) => far(placed, middle(to)));
      assert.equal(distances.indexOf(Math.min(...distances)), group);
    }
  });

  test('of few images has a place for each', () => {
    for (const few of [1, 2, 3, 5]) {
      const some = fitPlaces(along.slice(0, few * axes.kept), axes.kept, () => {});
      assert.equal(some.length, 2 * few);
      assert.ok(some.every(Number.isFinite));
    }
  });

  test('is turned, mirrored and scaled back onto the one before', () => {
    const [c, s] = [Math.cos(2), Math.sin(2)];
    const other = Float32Array.from(places, (_, i) => {
      const [x, y] = at(i >> 1);
      return i % 2 === 0 ? 3 * (c * x + s * y) + 5 : 3 * (s * x - c * y) - 1;
    });
    turnTowards(other, (row) => (row % 3 === 0 ? at(row) : undefined));
    other.forEach((value, i) => assert.ok(Math.abs(value - places[i]!) < 1e-3));
  });

  test('has its clusters by size, with examples from their middle', () => {
    const uneven = Float32Array.from({ length: 800 }, (_, i) => ((i >> 1) % 4 === 0 ? 10 : 0) + 0.1 * normal());
    const { clusters, of } = clustersOf(uneven, 400);
    assert.equal(
      clusters.reduce((sum, { images }) => sum + images, 0),
      400,
    );
    assert.ok(clusters.every(({ images }, i) => i === 0 || images <= clusters[i - 1]!.images));
    clusters.forEach(({ examples, x, y }, cluster) => {
      assert.ok(examples.length > 0);
      for (const row of examples) assert.equal(of[row], cluster);
      const own = [...of.keys()].filter((row) => of[row] === cluster);
      const distance = (row: number): number => Math.hypot(uneven[2 * row]! - x, uneven[2 * row + 1]! - y);
      assert.equal(distance(examples[0]!), Math.min(...own.map(distance)));
    });
  });
});

test('an order that scatters keeps every image, and the order of those that stay', () => {
  const all = scattered(Int32Array.from({ length: 1000 }, (_, i) => i + 1));
  assert.equal(new Set(all).size, 1000);
  assert.ok(Math.abs(all.subarray(0, 200).reduce((sum, id) => sum + id, 0) / 200 - 500) < 60, 'a fair sample');
  const some = scattered(Int32Array.from({ length: 500 }, (_, i) => 2 * i + 1));
  assert.deepEqual(
    [...some],
    [...all].filter((id) => id % 2 === 1),
  );
});
