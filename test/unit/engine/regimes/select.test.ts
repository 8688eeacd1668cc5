import assert from 'node:assert/strict';
import { test } from 'node:test';
import { hyperRule } from '../../../../src/engine/regimes/hyper-rule.ts';
import { finetuneSteps, regimes } from '../../../../src/engine/regimes/registry.ts';
import { best, foldsOf, scoreFold, type TrainingLabel } from '../../../../src/engine/regimes/select.ts';

const labels: TrainingLabel[] = Array.from({ length: 60 }, (_, i) => ({
  image: i,
  class: i % 4,
  group: Math.floor(i / 4),
}));

test('folds hold every label out once, never a group on both sides, classes spread evenly', () => {
  const folds = foldsOf(labels, 3);
  assert.equal(folds.length, 3);
  assert.deepEqual(
    folds.flatMap(({ held }) => held.map(({ image }) => image)).sort((a, b) => a - b),
    labels.map(({ image }) => image),
  );
  for (const { train, held } of folds) {
    const groups = new Set(train.map(({ group }) => group));
    assert.ok(held.every(({ group }) => !groups.has(group)));
    assert.equal(train.length + held.length, labels.length);
    for (let k = 0; k < 4; k++) assert.equal(held.filter((label) => label.class === k).length, 5);
  }
});

test('a class that lives in one group cannot be cross-validated', () => {
  assert.deepEqual(
    foldsOf(
      labels.map((label) => (label.class === 1 ? { ...label, group: 1000 } : label)),
      0,
    ),
    [],
  );
});

test('folds follow the seed', () => {
  assert.deepEqual(foldsOf(labels, 5), foldsOf(labels, 5));
  assert.notDeepEqual(foldsOf(labels, 5), foldsOf(labels, 6));
});

test('the most accurate is chosen, of equals the surer, then the first named', () => {
  const candidate = (name: string, accuracy: number, logLoss: number) => ({ name, scores: [{ accuracy, logLoss }] });
  assert.equal(best([candidate('a', 0.5, 0.1), candidate('b', 0.6, 9)]), 'b');
  assert.equal(best([candidate('a', 0.6, 1), candidate('b', 0.6, 0.5)]), 'b');
  assert.equal(best([candidate('a', 0.6, 1), candidate('b', 0.6, 1)]), 'a');
});

test('held-out labels are scored by what was said of them', () => {
  const score = scoreFold(
    Float32Array.of(0.5, 0.25, 0.25, 0, 0.5, 0.5),
    [
      { image: 0, class: 0, group: 0 },
      { image: 1, class: 2, group: 1 },
    ],
    3,
  );
  assert.equal(score.accuracy, 0.5);
  assert.ok(Math.abs(score.logLoss - Math.log(2)) < 1e-9);
});

test('steps of fine-tuning are 60 at 5 labels per class and 100 at 20, and stay in bounds', () => {
  assert.equal(finetuneSteps(40, 8), 60);
  assert.equal(finetuneSteps(160, 8), 100);
  assert.equal(finetuneSteps(8, 8), 30);
  assert.equal(finetuneSteps(1e9, 2), 400);
});

test('BiT-HyperRule: steps, rate and mixing by the number of labels, as its authors publish them', () => {
  const small = hyperRule(19_999);
  assert.deepEqual([small.steps, small.mixUp], [500, 0]);
  assert.deepEqual(
    [0, 50, 100, 200, 201, 301, 401, 499].map((step) => small.share(step, 500)),
    [0, 0.5, 1, 1, 0.1, 0.1 ** 2, 0.1 ** 3, 0.1 ** 3],
  );
  assert.deepEqual([hyperRule(20_000).steps, hyperRule(20_000).mixUp, hyperRule(500_000).steps], [10_000, 0.1, 20_000]);
});

test('the table of regimes is keyed by their names', () => {
  for (const [name, regime] of Object.entries(regimes)) assert.equal(regime.name, name);
});
