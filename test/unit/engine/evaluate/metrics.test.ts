import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import {
  balancedAccuracy,
  classAuc,
  classScores,
  computeAll,
  confusionMatrix,
  ece,
  kappa,
  logLoss,
  macroF1,
  topClass,
} from '../../../../src/engine/evaluate/metrics.ts';

interface Reference {
  labels: number[];
  probabilities: number[][];
  second_rater: number[];
  [score: string]: unknown;
}
const references = JSON.parse(
  readFileSync(new URL('../../../fixtures/oracles/metrics.json', import.meta.url), 'utf8'),
) as Reference[];
const inputs = new Set(['n', 'classes', 'seed', 'labels', 'probabilities', 'second_rater']);

for (const reference of references) {
  test(`every score agrees with scikit-learn to 1e-9 (${String(reference['n'])} images)`, () => {
    const ours = computeAll(reference.labels, reference.probabilities, reference.second_rater);
    const scores = Object.keys(reference).filter((name) => !inputs.has(name));
    assert.deepEqual(Object.keys(ours).sort(), scores.sort());
    for (const score of scores) {
      const expected = [reference[score]].flat(2) as number[];
      const actual = [ours[score]].flat(2) as number[];
      assert.equal(actual.length, expected.length, score);
      expected.forEach((value, i) =>
        assert.ok(Math.abs(actual[i]! - value) <= 1e-9, `${score}: ${actual[i]} ${value}`),
      );
    }
  });
}

test('tied probabilities count half in the AUC', () => {
  const scored = { labels: [1, 1, 0, 0], probabilities: [0.5, 0.5, 0.2, 0.8, 0.5, 0.5, 0.9, 0.1], classes: 2 };
  // Pairs (positive, negative): 0.5–0.5 half, 0.5–0.1 one, 0.8–0.5 one, 0.8–0.1 one.
  assert.equal(classAuc(scored, 1), 3.5 / 4);
  assert.equal(classAuc({ labels: [1, 0], probabilities: [0.5, 0.5, 0.5, 0.5], classes: 2 }, 1), 0.5);
});

test('a class without check images has no scores, and macro averages leave it out', () => {
  const scored = {
    labels: [0, 0, 1, 1],
    probabilities: [0.8, 0.1, 0.1, 0.2, 0.1, 0.7, 0.1, 0.8, 0.1, 0.1, 0.8, 0.1],
    classes: 3,
  };
  const confusion = confusionMatrix(scored);
  assert.deepEqual(confusion, [
    [1, 0, 1],
    [0, 2, 0],
    [0, 0, 0],
  ]);
  assert.deepEqual(classScores(confusion)[2], { precision: null, recall: null, f1: null });
  assert.equal(classAuc(scored, 2), null);
  assert.equal(balancedAccuracy(confusion), 0.75);
  assert.ok(Math.abs(macroF1(confusion) - (2 / 3 + 1) / 2) < 1e-15);
});

test('a class that is never called has precision 0', () => {
  assert.deepEqual(classScores([[2, 0], [1, 0]])[1], { precision: 0, recall: 0, f1: 0 }); // prettier-ignore
});

test('edges: a probability of 0 keeps the log loss finite, equal ones give the first class, 1 falls in the last bin', () => {
  const sure = { labels: [1], probabilities: [1, 0], classes: 2 };
  assert.ok(Math.abs(logLoss(sure) + Math.log(Number.EPSILON)) < 1e-9);
  assert.equal(ece(sure), 1);
  assert.equal(topClass({ probabilities: [0.5, 0.5], classes: 2 }, 0), 0);
  assert.equal(kappa([0, 0], [0, 0], 2), 1);
});
