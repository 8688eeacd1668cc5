import assert from 'node:assert/strict';
import { test } from 'node:test';
import { metricNames } from '../../../../src/contract/results.ts';
import { generator } from '../../../../src/engine/data/random.ts';
import type { Cell } from '../../../../src/engine/evaluate/cells.ts';
import { checkWeights, effectiveImages } from '../../../../src/engine/evaluate/check-weights.ts';
import { compare } from '../../../../src/engine/evaluate/estimates.ts';
import { leaveOneOut } from '../../../../src/engine/evaluate/leave-one-out.ts';
import { computeAll, eceBins } from '../../../../src/engine/evaluate/metrics.ts';

const near = (actual: number, expected: number, what: string, tolerance = 1e-12): void =>
  assert.ok(Math.abs(actual - expected) <= tolerance, `${what}: ${actual} is not ${expected}`);
const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);

test('drawn images count by the inverse with mean 1, others 1 each; drawn evenly, nothing is weighted', () => {
  const drawn = [
    { image: 1, probability: 0.5 },
    { image: 2, probability: 0.1 },
    { image: 3, probability: 0.1 },
    // Not scored: it has no say in the mean.
    { image: 9, probability: 0.01 },
  ];
  const weights = checkWeights([1, 2, 3, 4, 5], drawn)!;
  [6 / 22, 30 / 22, 30 / 22, 1, 1].forEach((expected, i) => near(weights[i]!, expected, `image ${i + 1}`));
  const even = [1, 2, 3].map((image) => ({ image, probability: 0.123 }));
  assert.equal(checkWeights([1, 2, 3, 4], even), null);
  assert.equal(checkWeights([4, 5], drawn), null);
  assert.equal(checkWeights([1, 2]), null);
  assert.equal(effectiveImages(Float64Array.of(2, 2, 2)), 3);
  near(effectiveImages(Float64Array.of(3, 1)), 1.6, 'three to one');
});

interface Images {
  readonly labels: number[];
  readonly rows: number[][];
}

/** Labels of three classes and probabilities with ties in them. */
function images(count: number, seed: number): Images {
  const random = generator(seed, 'images').uniform(count * 4);
  const labels = Array.from({ length: count }, (_, i) => Math.floor(3 * random[4 * i]!));
  const rows = labels.map((label, i) => {
    const raw = [1, 2, 3].map((c) => Math.round(6 * random[4 * i + c]!) + (c - 1 === label ? 3 : 0.5));
    return raw.map((value) => value / sum(raw));
  });
  return { labels, rows };
}

/** scikit-learn's definitions with `sample_weight`, each as a plain loop over images or pairs of them. */
function reference({ labels, rows }: Images, w: readonly number[]): Record<string, number | number[]> {
  const every = labels.map((_, i) => i);
  const all = sum(w);
  const top = rows.map((row) => row.indexOf(Math.max(...row)));
  const weigh = (has: (i: number) => boolean): number => sum(every.filter(has).map((i) => w[i]!));
  const each = (score: (c: number) => number): number[] => [0, 1, 2].map(score);
  const recall = each((c) => weigh((i) => labels[i] === c && top[i] === c) / weigh((i) => labels[i] === c));
  const precision = each((c) => weigh((i) => labels[i] === c && top[i] === c) / weigh((i) => top[i] === c));
  const f1 = each((c) => (2 * precision[c]! * recall[c]!) / (precision[c]! + recall[c]!));
  const auc = each((c) => {
    let [won, pairs] = [0, 0];
    for (const i of every) {
      for (const j of every) {
        if (labels[i] !== c || labels[j] === c) continue;
        const [a, b] = [rows[i]![c]!, rows[j]![c]!];
        pairs += w[i]! * w[j]!;
        won += w[i]! * w[j]! * (a > b ? 1 : a === b ? 0.5 : 0);
      }
    }
    return won / pairs;
  });
  const average = each((c) => {
    const positives = weigh((i) => labels[i] === c);
    const levels = [...new Set(rows.map((row) => row[c]!))].sort((a, b) => b - a);
    let [total, before] = [0, 0];
    for (const level of levels) {
      const hits = weigh((i) => rows[i]![c]! >= level && labels[i] === c);
      total += ((hits - before) / positives) * (hits / weigh((i) => rows[i]![c]! >= level));
      before = hits;
    }
    return total;
  });
  const ece = sum(
    Array.from({ length: eceBins }, (_, bin) =>
      Math.abs(
        sum(
          every
            .filter((i) => rows[i]![top[i]!]! > bin / eceBins && rows[i]![top[i]!]! <= (bin + 1) / eceBins)
            .map((i) => w[i]! * ((labels[i] === top[i] ? 1 : 0) - rows[i]![top[i]!]!)),
        ),
      ),
    ),
  );
  return {
    accuracy: weigh((i) => labels[i] === top[i]) / all,
    balanced_accuracy: sum(recall) / 3,
    f1_macro: sum(f1) / 3,
    f1_per_class: f1,
    recall,
    precision,
    auc_ovr_macro: sum(auc) / 3,
    average_precision: average,
    log_loss: sum(every.map((i) => -w[i]! * Math.log(rows[i]![labels[i]!]!))) / all,
    brier: sum(every.map((i) => w[i]! * sum(rows[i]!.map((p, c) => (p - (labels[i] === c ? 1 : 0)) ** 2)))) / all,
    [`ece_${eceBins}_equal_width`]: ece / all,
  };
}

test('every weighted score agrees with the definition, computed in plain loops', () => {
  for (const seed of [1, 2, 3]) {
    const made = images(90, seed);
    const weights = Array.from(generator(seed, 'weights').uniform(90), (value) => 0.2 + 3 * value);
    const ours = computeAll(made.labels, made.rows, undefined, weights);
    for (const [name, expected] of Object.entries(reference(made, weights))) {
      const actual = [ours[name]].flat() as number[];
      [expected].flat().forEach((value, i) => near(actual[i]!, value, name, 1e-10));
    }
  }
});

test('an image of weight 3 is three images, in every score', () => {
  const made = images(60, 4);
  const weights = made.labels.map((_, i) => 1 + (i % 3));
  const repeated = <T>(values: readonly T[]): T[] =>
    values.flatMap((value, i) => new Array<T>(weights[i]!).fill(value));
  const weighted = computeAll(made.labels, made.rows, undefined, weights);
  const longer = computeAll(repeated(made.labels), repeated(made.rows));
  for (const [name, score] of Object.entries(longer)) {
    const actual = [weighted[name]].flat(2) as number[];
    ([score].flat(2) as number[]).forEach((value, i) => near(actual[i]!, value, name, 1e-10));
  }
});

test('without a cluster every weighted score is that of the images that are left', () => {
  const made = images(60, 5);
  const weights = Float64Array.from(generator(5, 'weights').uniform(60), (value) => 0.2 + 3 * value);
  const of = Int32Array.from(made.labels, (_, i) => i % 7);
  const scored = { labels: made.labels, probabilities: made.rows.flat(), classes: 3, weights };
  const scores = leaveOneOut(scored, { of, count: 7 });
  const names = [
    'accuracy',
    'balanced_accuracy',
    'f1_macro',
    'auc_ovr_macro',
    'log_loss',
    `ece_${eceBins}_equal_width`,
  ];
  for (let cluster = -1; cluster < 7; cluster++) {
    const left = [...of.keys()].filter((i) => of[i] !== cluster);
    const expected = computeAll(
      left.map((i) => made.labels[i]!),
      left.map((i) => made.rows[i]!),
      undefined,
      left.map((i) => weights[i]!),
    );
    metricNames.forEach((metric, at) => {
      const { value, without } = scores[metric];
      near(cluster === -1 ? value : without[cluster]!, expected[names[at]!] as number, metric, 1e-10);
    });
  }
});

/** One cell of check images in which row i is called right or not. */
function cell(right: readonly boolean[], weights: Float64Array | null): Cell {
  const ids = Int32Array.from(right, (_, i) => i);
  return {
    draw: 0,
    seed: 0,
    classes: 2,
    regime: 'probe',
    images: ids,
    labels: Int32Array.from(right, (_, i) => i % 2),
    probabilities: Float64Array.from(right.flatMap((hit, i) => (hit === (i % 2 === 0) ? [0.9, 0.1] : [0.1, 0.9]))),
    clusters: { of: ids, count: right.length },
    ...(weights && { weights }),
  };
}

test('images drawn in equal number per predicted class tell, weighted, the accuracy of all; unweighted they do not', () => {
  // Called rightly: 95 of 100 of the common predicted class, 70 and 40 of the two rare ones.
  const strata = [
    { images: 9000, right: 0.95 },
    { images: 800, right: 0.7 },
    { images: 200, right: 0.4 },
  ];
  const truth = sum(strata.map(({ images: n, right }) => n * right)) / 10_000;
  const [perClass, studies] = [50, 60];
  const random = generator(7, 'studies').uniform(studies * perClass * 3);
  const means = { weighted: 0, unweighted: 0 };
  let held = 0;
  for (let study = 0; study < studies; study++) {
    // Images of a class are alike here, so to draw some of them is to draw whether each is right.
    const drawn = strata.flatMap(({ images: n, right }, index) =>
      Array.from({ length: perClass }, (_, i) => ({
        right: random[(study * 3 + index) * perClass + i]! < right,
        probability: perClass / n,
      })),
    );
    const right = drawn.map((image) => image.right);
    const weights = checkWeights(
      [...right.keys()],
      drawn.map(({ probability }, image) => ({ image, probability })),
    );
    const design = { seeds: 1, scored: [0], shown: [0], splits: null };
    const scoresOf = (used: Float64Array | null) =>
      compare({ plain: [cell(right, used)], adapted: [cell(right, used)] }, design).arms.plain.accuracy;
    const weighted = scoresOf(weights);
    means.weighted += weighted.mean / studies;
    means.unweighted += scoresOf(null).mean / studies;
    if (weighted.ci[0] <= truth && truth <= weighted.ci[1]) held += 1;
  }
  near(means.weighted, truth, 'weighted', 0.01);
  assert.ok(means.unweighted < truth - 0.2, `unweighted ${means.unweighted} of ${truth}`);
  assert.ok(held >= 0.95 * studies, `the range held the truth in ${held} of ${studies}`);
});

test('where all are right the range is that of as many images as tell the same, not of all', () => {
  const right = new Array<boolean>(60).fill(true);
  const weights = checkWeights(
    [...right.keys()],
    right.map((_, image) => ({ image, probability: image < 30 ? 0.5 : 0.02 })),
  )!;
  const low = (used: Float64Array | null): number =>
    compare(
      { plain: [cell(right, used)], adapted: [cell(right, used)] },
      { seeds: 1, scored: [0], shown: [0], splits: null },
    ).arms.plain.accuracy.ci[0];
  assert.ok(effectiveImages(weights) < 33);
  assert.ok(1 - low(weights) > 1.6 * (1 - low(null)));
});
