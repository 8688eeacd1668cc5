import assert from 'node:assert/strict';
import { test } from 'node:test';
import { endSentence, runOutcome } from '../../../src/cli/format/outcome.ts';
import { editDistance } from '../../../src/cli/format/nearest.ts';
import { bytes, count, duration, signedRange } from '../../../src/cli/format/numbers.ts';
import { progressLine } from '../../../src/cli/format/progress.ts';
import { resultsText } from '../../../src/cli/format/results.ts';
import { groupsText } from '../../../src/cli/format/groups.ts';
import { againstText } from '../../../src/cli/format/against.ts';
import { trustText } from '../../../src/cli/format/trust.ts';
import { table } from '../../../src/cli/format/table.ts';
import { resultsSchema, type ArmResult, type Estimate, type Results } from '../../../src/contract/results.ts';

test('distance counts a swap of neighbours once', () => {
  assert.equal(editDistance('improt', 'import'), 1);
  assert.equal(editDistance('', 'run'), 3);
  assert.equal(editDistance('kitten', 'sitting'), 3);
});

test('numbers read the same on every machine', () => {
  assert.equal(count(1234567.4), '1,234,567');
  assert.equal(bytes(999), '999 bytes');
  assert.equal(bytes(2_400_000_000), '2.4 GB');
  assert.equal(duration(89.4), '89 s');
  assert.equal(duration(91), '2 min');
  assert.equal(signedRange(0.068, [-0.003, 0.133], { factor: 100, digits: 1 }), '+6.8 (−0.3 to +13.3)');
});

test('columns line up whatever the letters are', () => {
  assert.equal(
    table(
      ['a', 'b'],
      [
        ['größe', '1'],
        ['x', '100'],
      ],
    ),
    '  a         b\n  größe     1\n  x       100',
  );
});

const screen = (isTTY: boolean): { isTTY: boolean; columns: number; text: string; write(part: string): void } => ({
  isTTY,
  columns: 40,
  text: '',
  write(part) {
    this.text += part;
  },
});

test('away from a terminal, progress is a line per stage and each tenth', () => {
  const out = screen(false);
  const line = progressLine(out);
  for (let step = 0; step <= 100; step += 1) {
    line.show({ stage: step < 50 ? 'adapt' : 'train', fraction: step / 100, rate: 123.4, secondsLeft: 100 - step });
  }
  line.end();
  const lines = out.text.trimEnd().split('\n');
  assert.equal(lines.length, 11);
  assert.match(lines[0]!, /^Learn from your images +0 % +123 images\/s +2 min left$/);
  assert.match(lines[5]!, /^Train +50 %/);
  assert(!out.text.includes('\x1b'));
});

test('on a terminal it is one line that fits, and what is said stays above it', () => {
  const out = screen(true);
  const line = progressLine(out);
  line.show({ stage: 'check', fraction: 0.5, detail: 'x'.repeat(200) });
  line.say('said');
  line.end();
  const parts = out.text.split('\r\x1b[2K');
  assert(parts.every((part) => part.length < 40 || part.includes('\n')));
  assert.equal(out.text.split('\n').length, 2);
  assert(out.text.includes('said\n'));
  assert(out.text.endsWith('\r\x1b[2K'));
});

const estimate = (mean: number, half: number): Estimate => ({ mean, ci: [mean - half, mean + half], perDraw: [mean] });
const metrics = (accuracy: number): Omit<ArmResult, 'regimes' | 'perClass' | 'confusion'> => ({
  accuracy: estimate(accuracy, 0.05),
  balancedAccuracy: estimate(accuracy - 0.01, 0.05),
  macroF1: estimate(accuracy - 0.02, 0.05),
  auc: estimate(0.95, 0.01),
  logLoss: estimate(0.5, 0.1),
  ece: estimate(0.04, 0.01),
});
const arm = (accuracy: number, recalls: readonly number[]): ArmResult => ({
  ...metrics(accuracy),
  regimes: ['probe'],
  perClass: recalls.map((recall, index) => ({
    class: ['Neutrophil', 'Monocyte', 'Basophil'][index]!,
    checkImages: [40, 12, 3][index]!,
    trainingLabels: 5,
    precision: 0.5,
    recall,
    f1: 0.5,
    auc: 0.9,
  })),
  confusion: [],
});
const results: Results = {
  run: 'r1',
  images: 1200,
  classes: ['Neutrophil', 'Monocyte', 'Basophil'],
  groups: 0,
  protocol: {
    kind: 'shots',
    check: 'reserved',
    shots: 5,
    draws: 5,
    seeds: 1,
    checkImages: 55,
    checkGroups: 0,
    adaptationImages: 1145,
  },
  arms: { plain: arm(0.842, [0.9, 0.5, 0.1]), adapted: arm(0.91, [0.95, 7 / 12, 0.1]) },
  difference: metrics(0.068),
  verdict: 'helped',
  recommendation: 'adapted',
  deployed: 'adapted',
  headline: 'Adapting to your images helped. Of 100 new images it names 91 correctly, instead of 84.',
  notes: ['Not checked by group.'],
  monitor: [],
  seconds: 83,
  imagesPerSecond: 61.2,
  idleShare: 0.0042,
};

test('the comparison shows both arms, ranges, the weakest class that was measured, and every note', () => {
  resultsSchema.parse(results);
  const text = resultsText(results);
  assert(text.startsWith(results.headline));
  assert.match(
    text,
    /Named correctly, of 100 +91\.0 \(86\.0–96\.0\) +84\.2 \(79\.2–89\.2\) +\+6\.8 \(\+1\.8 to \+11\.8\)/,
  );
  assert.match(text, /^ +Monocyte +58 +50 +12$/m);
  assert.match(text, /^ +Basophil +not measured +not measured +3$/m);
  assert.match(text, /Weakest: Monocyte, found 7 of 12\./);
  assert.match(text, /Recommended: the model with adaptation\./);
  assert.match(
    text,
    /Measured on 55 check images: 5 labels per class, 5 label draws × 1 seed; learned from 1,145 images/,
  );
  assert(text.includes('Not checked by group.'));
  assert(text.endsWith('Run r1: 83 s, 61 images/s while adapting; it waited for images 0.4 % of that time.'));
  const { idleShare: _, ...earlier } = results;
  assert(resultsText(earlier).endsWith('61 images/s while adapting.'), 'runs of before do not tell it');
});

test('a share of the labels is told with the numbers it comes to', () => {
  const { perClass } = results.arms.plain;
  const told = (counts: readonly number[]): string =>
    resultsText({
      ...results,
      protocol: { ...results.protocol, kind: 'fraction', shots: null, fraction: 0.07 },
      arms: {
        ...results.arms,
        plain: {
          ...results.arms.plain,
          perClass: perClass.map((each, i) => ({ ...each, trainingLabels: counts[i]! })),
        },
      },
    });
  assert.match(told([14, 3, 1]), /images: 7 % of the labels of each class \(1 to 14 labels\), 5 label draws/);
  assert.match(told([1, 1, 1]), /7 % of the labels of each class \(1 label\), 5 label draws/);
});

test('where check images are weighted, a share is not told as a number of images', () => {
  const text = resultsText({ ...results, protocol: { ...results.protocol, weighted: true } });
  assert.match(text, /Weakest: Monocyte, found 58 of 100\./);
  assert.match(text, /^ +Monocyte +58 +50 +12$/m);
});

test('an end that is no result says what is safe and what to do', () => {
  for (const [outcome, says] of [
    ['paused', /Nothing is lost; go on with: acclimate resume \/p$/],
    ['cancelled', /Labels and earlier results are kept/],
    ['collapsed', /The model without adaptation is intact\. Next try/],
  ] as const) {
    const { text, done } = runOutcome({ run: '20260503-1', outcome, results: null }, '/p');
    assert.equal(done, false);
    assert.match(text, says);
    assert.equal(endSentence({ run: '20260503-1', outcome }, '/p'), text);
  }
});

test('trust in percentages is said of the corrected ones, with range and count', () => {
  const at = (mean: number) => ({ mean, ci: [0, 1] as [number, number] });
  const bin = {
    from: 0.85,
    to: 0.95,
    said: 0.9,
    images: 30,
    hits: 25,
    misses: 5,
    mean: 0.84,
    ci: [0.66, 0.94] as [number, number],
  };
  const fit = {
    before: { ece: at(0.12), logLoss: at(0.5), brier: at(0.3) },
    after: { ece: at(0.04), logLoss: at(0.4), brier: at(0.2) },
    temperature: { value: 1.5, labels: 160 },
  };
  const none = { before: null, after: null };
  const asked = { draws: 1, ofMean: false };
  assert.deepEqual(trustText({ fit, ...asked, bins: { before: [], after: [bin] }, risk: none }), [
    'When it says 90 %, it is right 84 % of the time (66–94, 30 images).',
    'Percentages are corrected by temperature 1.50, fitted on 160 held-out training labels: confidence error (ECE) 0.120 → 0.040, surprise (log loss) 0.500 → 0.400.',
  ]);
  assert.deepEqual(trustText({ fit: null, ...asked, bins: none, risk: none }), [
    'This run is from before percentages were corrected.',
  ]);
  const ofDraws = (ofMean: boolean): string | undefined =>
    trustText({ fit: null, draws: 5, ofMean, bins: none, risk: none })[0];
  assert.match(ofDraws(false)!, /^Each of the 5 label draws was asked by itself/);
  assert.match(ofDraws(true)!, /of the mean over 5 label draws, which no model that is applied says/);
});

test('a run beside another: the paired difference, or why there is none', () => {
  const row = {
    id: 'b',
    at: '',
    name: null,
    note: null,
    method: 'byol',
    backbone: 'x',
    epochs: 1,
    labels: 1,
    arm: 'plain' as const,
    score: { mean: 0.9, ci: [0.8, 0.95] as [number, number] },
    checkImages: 118,
    seconds: 1,
    device: null,
    paired: {
      mean: 0.017,
      ci: [-0.008, 0.042] as [number, number],
      images: 118,
      outside: null,
      onlyThis: 7,
      onlySelected: 5,
    },
    unpaired: null,
  };
  assert.equal(
    againstText(row, 'a'),
    'Against run a: +1.7 (−0.8 to +4.2) of 100, on the same 118 check images; 7 named correctly only here, 5 only there.',
  );
  const once = againstText({ ...row, paired: { ...row.paired, outside: 'selected' } }, 'a');
  assert.match(once, /5 only there\. The seed of the other adaptation is not in the range\.$/);
  assert.equal(
    againstText({ ...row, paired: null, unpaired: 'training' }, 'a'),
    'Not paired with run a: they were trained with different labels.',
  );
});

test('the worst group, the scanner it never saw, and the class that hangs on one', () => {
  const row = (value: string, hits: number) => ({
    value,
    images: 20,
    hits,
    misses: 20 - hits,
    mean: hits / 20,
    ci: [0.3, 0.7] as [number, number],
  });
  const ci: [number, number] = [-0.4, -0.06];
  const held = { value: 'B', labels: 30, without: 18, with: 25, difference: { mean: -0.233, ci } };
  assert.deepEqual(
    groupsText({
      tables: [
        { column: null, rows: [row('P7', 10), row('P1', 19)] },
        { column: 'site', rows: [row('only', 15)] },
      ],
      held: [{ column: 'scanner', rows: [{ ...held, value: 'A', difference: { mean: 0, ci } }, held] }],
      carried: [{ class: 'Monocyte', column: 'scanner', value: 'B' }],
    }),
    [
      'Worst group: P7, 10 of 20 named correctly (30–70 of 100).',
      'Trained without scanner B, 18 of its 30 training labels are named correctly, instead of 25: −23.3 (−40.0 to −6.0) of 100.',
      'Every label of Monocyte comes from one scanner (B): it may be learning the scanner.',
    ],
  );
});
