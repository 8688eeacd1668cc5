import assert from 'node:assert/strict';
import { test } from 'node:test';
import { healthOf, passesWithoutProgress } from '../../../../src/contract/health.ts';
import type { MonitorRow } from '../../../../src/contract/run-files.ts';
import { generator } from '../../../../src/engine/data/random.ts';
import { symmetricEigenvalues } from '../../../../src/engine/methods/eigenvalues.ts';
import { effectiveRank, embeddingStd, knnAccuracy, type Rows } from '../../../../src/engine/methods/monitor.ts';

const normalRows = (count: number, width: number, step = 0): Rows => ({
  data: generator(1, 'rows', step).normal(count * width),
  count,
  width,
});
const mapped = (rows: Rows, map: (value: number, row: number, column: number) => number): Rows => ({
  ...rows,
  data: rows.data.map((value, k) => map(value, Math.floor(k / rows.width), k % rows.width)),
});

test('eigenvalues of a rotated diagonal are its entries', () => {
  const n = 30;
  const wanted = Array.from({ length: n }, (_, i) => (i < 3 ? 0 : (i * 7) % 11 === 0 ? 5 : i - 4.5));
  let matrix = new Float64Array(n * n);
  wanted.forEach((value, i) => (matrix[i * n + i] = value));
  const vectors = generator(2, 'reflections').normal(n * 5);
  for (let r = 0; r < 5; r++) {
    const v = vectors.subarray(r * n, (r + 1) * n);
    const length = v.reduce((sum, value) => sum + value * value, 0);
    const reflect = (i: number, j: number): number =>
      (i === j ? 1 : 0) - (2 * (v[i] as number) * (v[j] as number)) / length;
    const product = (
      a: (i: number, k: number) => number,
      b: (k: number, j: number) => number,
    ): Float64Array<ArrayBuffer> =>
      Float64Array.from({ length: n * n }, (_, at) => {
        let sum = 0;
        for (let k = 0; k < n; k++) sum += a(Math.floor(at / n), k) * b(k, at % n);
        return sum;
      });
    const half = product(reflect, (k, j) => matrix[k * n + j] as number);
    matrix = product((i, k) => half[i * n + k] as number, reflect);
  }
  const found = symmetricEigenvalues(matrix, n).sort();
  wanted.sort((a, b) => a - b).forEach((value, i) => assert.ok(Math.abs(value - (found[i] as number)) < 1e-10));
});

test('spread is 1 for even directions and 0 for a single one', () => {
  assert.ok(Math.abs(embeddingStd(normalRows(2000, 32)) - 1) < 0.02);
  assert.ok(embeddingStd(mapped(normalRows(200, 32), (value, _, column) => column + 1 + 1e-4 * value)) < 1e-3);
});

test('effective rank counts the directions that are used', () => {
  const rows = normalRows(512, 20);
  assert.ok(effectiveRank(rows) > 19 && effectiveRank(rows) <= 20 + 1e-9);
  const three = effectiveRank(mapped(rows, (value, _, column) => (column < 3 ? value : 5)));
  assert.ok(three > 2.9 && three <= 3 + 1e-6, `${three}`);
  const line = effectiveRank(mapped(rows, (_, row, column) => row * (column + 1)));
  assert.ok(Math.abs(line - 1) < 1e-3, `${line}`);
  assert.equal(effectiveRank(mapped(rows, () => 3)), 0);
  assert.ok(Number.isNaN(effectiveRank(mapped(rows, (value, row) => (row === 3 ? Number.NaN : value)))));
});

test('neighbours of the same group never vote', () => {
  const count = 60;
  const labels = Int32Array.from({ length: count }, (_, i) => i % 3);
  // Groups of one class each, tight about a point of their own: only their own group would name the class.
  const groups = Int32Array.from({ length: count }, (_, i) => (i % 3) + 3 * Math.floor(i / 30));
  const centres = normalRows(6, 16, 7);
  const rows = mapped(
    normalRows(count, 16),
    (value, row, column) => 0.01 * value + (centres.data[(groups[row] as number) * 16 + column] as number),
  );
  const alone = knnAccuracy({ ...rows, labels, groups: Int32Array.from({ length: count }, (_, i) => i) });
  assert.equal(alone, 1);
  const apart = knnAccuracy({ ...rows, labels, groups });
  assert.ok(apart !== null && apart < 0.7, `${apart}`);
});

test('neighbours find separated classes, guess on noise, and say nothing of too few labels', () => {
  const count = 200;
  const labels = Int32Array.from({ length: count }, (_, i) => i % 4);
  const groups = Int32Array.from({ length: count }, (_, i) => i);
  const noise = normalRows(count, 24);
  const separated = mapped(noise, (value, row, column) => value + (column === row % 4 ? 12 : 0) + 30);
  assert.equal(knnAccuracy({ ...separated, labels, groups }), 1);
  const guessed = knnAccuracy({ ...noise, labels, groups });
  assert.ok(guessed !== null && guessed > 0.1 && guessed < 0.45, `${guessed}`);
  const few: Rows = { data: noise.data.subarray(0, 8 * 24), count: 8, width: 24 };
  assert.equal(knnAccuracy({ ...few, labels, groups }), null);
  assert.equal(knnAccuracy({ ...noise, labels: new Int32Array(count), groups }), null);
  assert.equal(knnAccuracy({ ...noise, labels, groups: labels }), null);
});

const row = (epoch: number, changed: Partial<MonitorRow> = {}): MonitorRow => ({
  epoch,
  loss: epoch === 0 ? null : 2 / epoch,
  embeddingStd: 0.5,
  effectiveRank: 40,
  knnAccuracy: 0.5,
  learningRate: epoch > 1 ? 5e-4 : 0,
  imagesPerSecond: null,
  ...changed,
});

test('health follows the rows', () => {
  assert.equal(healthOf([row(0)]), 'warming-up');
  assert.equal(healthOf([row(0), row(1)]), 'warming-up');
  assert.equal(healthOf([row(0), row(1), row(2)]), 'learning');
  const flat = [0, 1, 2, 3, 4, 5].map((epoch) => row(epoch, { loss: epoch ? 1 : null }));
  assert.equal(healthOf(flat), 'stalled');
  assert.equal(healthOf([...flat.slice(0, -1), row(5, { loss: 1, knnAccuracy: 0.6 })]), 'learning');
});

test('a collapse is called after two rows, or at once where the numbers are gone', () => {
  const start = [row(0), row(1), row(2)];
  const small = (epoch: number) => row(epoch, { embeddingStd: 0.04 });
  const narrow = (epoch: number) => row(epoch, { effectiveRank: 1.4 });
  assert.equal(healthOf([...start, small(3)]), 'collapsing');
  assert.equal(healthOf([...start, small(3), row(4)]), 'learning');
  assert.equal(healthOf([...start, small(3), narrow(4)]), 'collapsed');
  assert.equal(healthOf([...start, row(3, { embeddingStd: Number.NaN })]), 'collapsed');
});

test("a method's own sign means what it says when it is met twice in a row, and nothing while only heads train", () => {
  const sign = (value: number, means: 'collapsed' | 'stalled') => ({ sign: { value, floor: 2, means } });
  const start = [row(0), row(1, sign(9, 'collapsed'))];
  assert.equal(healthOf([...start, row(2, sign(2, 'collapsed'))]), 'collapsing');
  assert.equal(healthOf([...start, row(2, sign(2, 'collapsed')), row(3, sign(1, 'collapsed'))]), 'collapsed');
  assert.equal(healthOf([...start, row(2, sign(1, 'collapsed')), row(3, sign(3, 'collapsed'))]), 'learning');
  assert.equal(healthOf([...start, row(2, sign(1, 'stalled'))]), 'learning');
  assert.equal(healthOf([...start, row(2, sign(1, 'stalled')), row(3, sign(1, 'stalled'))]), 'stalled');
  const held = [1, 2].map((epoch) => row(epoch, { ...sign(0, 'collapsed'), learningRate: 0 }));
  assert.equal(healthOf([row(0), ...held]), 'warming-up');
});

test('a falling loss is no progress once labelled images no longer find their own kind', () => {
  const from34 = [row(0, { knnAccuracy: 0.34 }), row(1, { knnAccuracy: 0.3 }), row(2, { knnAccuracy: 0.26 })];
  assert.equal(healthOf(from34), 'learning');
  assert.equal(healthOf([...from34, row(3, { knnAccuracy: 0.2 })]), 'stalled');
  assert.equal(healthOf([...from34, row(3, { knnAccuracy: 0.13, embeddingStd: 0.24 })]), 'collapsing');
  const on = [3, 4, 5].map((epoch) => row(epoch, { knnAccuracy: 0.2 }));
  assert.equal(healthOf([...from34, ...on]), 'stalled');
  assert.equal(passesWithoutProgress([...from34, ...on]), 3);
  assert.equal(healthOf([...from34, ...on, row(6, { knnAccuracy: 0.33 })]), 'learning');
});

test('passes without progress are counted from the last one that brought any', () => {
  const row = (epoch: number, loss: number | null, knnAccuracy: number | null): MonitorRow => ({
    epoch,
    loss,
    knnAccuracy,
    embeddingStd: 1,
    effectiveRank: 9,
    learningRate: 1e-3,
    imagesPerSecond: null,
  });
  assert.equal(passesWithoutProgress([row(0, null, 0.5)]), 0);
  assert.equal(passesWithoutProgress([row(0, null, 0.5), row(1, 1, 0.5), row(2, 0.999, 0.5), row(3, 0.998, 0.4)]), 2);
  assert.equal(passesWithoutProgress([row(0, null, 0.5), row(1, 1, 0.5), row(2, 1, 0.6)]), 0);
});
