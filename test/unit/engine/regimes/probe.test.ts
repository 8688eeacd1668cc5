import assert from 'node:assert/strict';
import { test } from 'node:test';
import { generator } from '../../../../src/engine/data/random.ts';
import { minimise } from '../../../../src/engine/regimes/lbfgs.ts';
import { balancedWeights, fitLogistic, spanOf } from '../../../../src/engine/regimes/logistic.ts';
import { unit } from '../../../engine/support/formula.ts';
import { fitProbe, headProbabilities, normaliseFeatures } from '../../../../src/engine/regimes/probe.ts';

const problem = (rows: number, columns: number, classes: number, seed: number) => {
  const random = generator(seed, 'problem');
  const centres = random.normal(classes * columns);
  const noise = random.normal(rows * columns);
  const labels = Int32Array.from({ length: rows }, (_, i) => (i % 3 === 0 ? 0 : i % classes));
  const features = Float32Array.from(
    noise,
    (value, at) =>
      1 + value + 0.7 * (centres[(labels[Math.floor(at / columns)] as number) * columns + (at % columns)] as number),
  );
  return { features, labels, mean: new Float32Array(columns).fill(1) };
};

/** Gradient descent with momentum on the same problem, written down once more from the formula. */
function descend(
  x: Float64Array,
  rows: number,
  columns: number,
  labels: Int32Array,
  weights: Float64Array,
  classes: number,
) {
  const w = Array.from({ length: classes }, () => new Float64Array(columns));
  const b = new Float64Array(classes);
  const speed = new Float64Array(classes * (columns + 1));
  const curvature = 1 + weights.reduce((sum, weight) => sum + weight, 0) * 50.5;
  for (let iteration = 0; iteration < 30_000; iteration++) {
    const gw = w.map((row) => row.slice());
    const gb = new Float64Array(classes);
    for (let i = 0; i < rows; i++) {
      const row = x.subarray(i * columns, (i + 1) * columns);
      const exponents = w.map((wk, k) =>
        Math.exp((b[k] ?? 0) + wk.reduce((sum, value, j) => sum + value * (row[j] ?? 0), 0)),
      );
      const total = exponents.reduce((sum, value) => sum + value, 0);
      exponents.forEach((value, k) => {
        const r = (weights[i] ?? 0) * (value / total - (labels[i] === k ? 1 : 0));
        gb[k] = (gb[k] ?? 0) + r;
        row.forEach((entry, j) => ((gw[k] as Float64Array)[j] = (gw[k]?.[j] ?? 0) + r * entry));
      });
    }
    const gradient = [...gw.flatMap((row) => [...row]), ...gb];
    gradient.forEach((value, at) => {
      speed[at] = 0.97 * (speed[at] ?? 0) - value / curvature;
      if (at < classes * columns)
        w[Math.floor(at / columns)]!.set(
          [(w[Math.floor(at / columns)]![at % columns] ?? 0) + (speed[at] ?? 0)],
          at % columns,
        );
      else b[at - classes * columns] = (b[at - classes * columns] ?? 0) + (speed[at] ?? 0);
    });
    if (gradient.every((value) => Math.abs(value) < 1e-9)) break;
  }
  return { weight: Float64Array.from(w.flatMap((row) => [...row])), bias: b };
}

test('L-BFGS reaches the minimum of the Rosenbrock function', () => {
  const { x, gradient } = minimise(
    (p, g) => {
      const [a = 0, b = 0] = p;
      g[0] = -2 * (1 - a) - 400 * a * (b - a * a);
      g[1] = 200 * (b - a * a);
      return (1 - a) ** 2 + 100 * (b - a * a) ** 2;
    },
    Float64Array.of(-1.2, 1),
  );
  assert.ok(gradient <= 1e-7);
  assert.ok(Math.abs((x[0] ?? 0) - 1) < 1e-6 && Math.abs((x[1] ?? 0) - 1) < 1e-6);
});

for (const [rows, columns] of [
  [9, 24],
  [40, 6],
] as const)
  test(`the logistic regression agrees with gradient descent, ${rows} samples in ${columns} dimensions`, () => {
    const classes = 3;
    const { features, labels, mean } = problem(rows, columns, classes, rows);
    const samples = normaliseFeatures(features, mean);
    const weights = balancedWeights(labels, classes);
    const fitted = fitLogistic(samples, labels, weights, classes);
    const descended = descend(samples.data, rows, columns, labels, weights, classes);
    assert.ok(fitted.gradient < 1e-6, `gradient ${fitted.gradient}`);
    const worst = Math.max(
      ...fitted.weight.map((value, i) => Math.abs(value - (descended.weight[i] ?? 0))),
      ...fitted.bias.map((value, i) => Math.abs(value - (descended.bias[i] ?? 0))),
    );
    assert.ok(worst < 1e-5, `worst difference ${worst}`);
  });

test('at the optimum the weighted residuals sum to 0 and the weights are those residuals times the samples', () => {
  const [rows, columns, classes] = [20, 64, 4];
  const { features, labels, mean } = problem(rows, columns, classes, 5);
  const head = fitProbe(features, labels, classes, mean);
  const probabilities = headProbabilities(head, features);
  const samples = normaliseFeatures(features, mean);
  const weights = balancedWeights(labels, classes);
  for (let k = 0; k < classes; k++) {
    const residual = Array.from(
      { length: rows },
      (_, i) => (weights[i] ?? 0) * ((labels[i] === k ? 1 : 0) - (probabilities[i * classes + k] ?? 0)),
    );
    assert.ok(Math.abs(residual.reduce((sum, value) => sum + value, 0)) < 1e-5, 'intercept is not penalised');
    for (let j = 0; j < columns; j++) {
      const expected = residual.reduce((sum, value, i) => sum + value * (samples.data[i * columns + j] ?? 0), 0);
      assert.ok(Math.abs(expected - (head.weight[j * classes + k] ?? 0)) < 1e-4, 'C is 1');
    }
  }
});

test('balanced weights are those of scikit-learn', () => {
  assert.deepEqual([...balancedWeights([0, 0, 0, 1], 2)], [4 / 6, 4 / 6, 4 / 6, 2]);
  assert.deepEqual([...balancedWeights([0, 2, 2, 2], 3)], [2, 4 / 6, 4 / 6, 4 / 6], 'absent classes do not count');
});

test('features come out centred and of length 10; one equal to the mean stays 0', () => {
  const { data } = normaliseFeatures([4, 5, 1, 1], [1, 1]);
  assert.deepEqual([...data], [6, 8, 0, 0]);
});

test('the basis of a span is orthonormal and drops what depends on the rest', () => {
  const basis = spanOf({ data: Float64Array.of(1, 0, 0, 1, 1, 0, 2, 1, 0), rows: 3, columns: 3 });
  assert.equal(basis.rows, 2);
  assert.deepEqual([...basis.data].map(Math.abs), [1, 0, 0, 0, 1, 0]);
});

test('a class without an example is never called, and the others are as if it were not there', () => {
  const { features, labels, mean } = problem(20, 30, 3, 8);
  const shifted = labels.map((label) => (label === 2 ? 3 : label));
  const without = headProbabilities(fitProbe(features, labels, 3, mean), features);
  const withGap = headProbabilities(fitProbe(features, shifted, 4, mean), features);
  for (let i = 0; i < 20; i++) {
    assert.ok((withGap[i * 4 + 2] ?? 1) < 1e-9);
    for (const [a, b] of [
      [0, 0],
      [1, 1],
      [2, 3],
    ] as const)
      assert.ok(Math.abs((without[i * 3 + a] ?? 0) - (withGap[i * 4 + b] ?? 0)) < 1e-6);
  }
});

test('the same problem twice gives the same bytes', () => {
  const { features, labels, mean } = problem(30, 40, 3, 2);
  assert.deepEqual(fitProbe(features, labels, 3, mean), fitProbe(features, labels, 3, mean));
});

/** scikit-learn 1.9.1, LogisticRegression(C=1, class_weight='balanced', tol=1e-12), on the formula's numbers. */
const references = [
  {
    rows: 14,
    columns: 40,
    classes: 4,
    seed: 11,
    bias: [1.3325757441683526, -0.027233053265690012, -0.5415896688974198, -0.7637530220052715],
    first: [-0.23744669712867078, 0.16968110343455892, -0.002134903753103056, 0.06990049744721402],
    norm: 1.5749859598437324,
    probabilities: [
      0.442551704, 0.070766988, 0.177624704, 0.309056604, 0.833470506, 0.021168614, 0.070928025, 0.074432855,
      0.051891134, 0.057197256, 0.881583284, 0.009328327, 0.843274028, 0.144502791, 0.004096018, 0.008127162,
      0.691730455, 0.129187042, 0.019395647, 0.159686856,
    ],
  },
  {
    rows: 60,
    columns: 8,
    classes: 3,
    seed: 12,
    bias: [0.06025012390388483, -0.2217042368373209, 0.16145411293343623],
    first: [0.013794782692120425, 0.052375577497150695, -0.06617036018927089],
    norm: 0.28903731313451514,
    probabilities: [
      0.632668021, 0.050219483, 0.317112496, 0.687056441, 0.184487113, 0.128456446, 0.565548541, 0.083689271,
      0.350762188, 0.23203038, 0.652311052, 0.115658568, 0.231930287, 0.50928447, 0.258785243,
    ],
  },
];

for (const { rows, columns, classes, seed, bias, first, norm, probabilities } of references)
  test(`the probe is scikit-learn's, ${rows} samples in ${columns} dimensions`, () => {
    const mean = Float32Array.from(unit(columns, seed + 200), (u) => 0.1 * u);
    const labels = Int32Array.from({ length: rows }, (_, i) => (i % 3 === 0 ? 0 : i % classes));
    const head = fitProbe(Float32Array.from(unit(rows * columns, seed)), labels, classes, mean);
    const close = (actual: Iterable<number>, expected: readonly number[]) =>
      [...actual].forEach((value, i) =>
        assert.ok(Math.abs(value - (expected[i] ?? NaN)) < 2e-6, `${value} ${expected[i]}`),
      );
    close(head.bias, bias);
    close(head.weight.subarray(0, classes), first);
    assert.ok(Math.abs(Math.hypot(...head.weight) - norm) < 1e-5);
    close(headProbabilities(head, Float32Array.from(unit(5 * columns, seed + 100))), probabilities);
  });
