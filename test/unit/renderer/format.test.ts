import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Results } from '../../../src/contract/results.ts';
import { accuracyScale, measures } from '../../../src/renderer/features/results/measures.ts';
import { duration, signedPercent } from '../../../src/renderer/ui/format.ts';

test('a gain and a loss carry their sign, and nothing that rounds to zero does', () => {
  assert.deepEqual([0.0684, -0.008, 0.0004, -0.0004, 0].map(signedPercent), ['+6.8', '−0.8', '0.0', '0.0', '0.0']);
});

test('a time is said in the unit a person would use', () => {
  assert.deepEqual([0.2, 89, 100, 4000, 7200].map(duration), ['1 s', '89 s', '2 min', '67 min', '2.0 h']);
});

test('every measure of the contract is shown once, each with its range', () => {
  const shown = measures.map(({ name, show, showDifference }) => [
    name,
    show({ mean: 0.5, ci: [0.4, 0.6] }),
    showDifference({ mean: -0.02, ci: [-0.05, 0.01] }),
  ]);
  assert.deepEqual(shown, [
    ['accuracy', '50.0 (40.0 to 60.0)', '−2.0 (−5.0 to +1.0)'],
    ['balancedAccuracy', '50.0 (40.0 to 60.0)', '−2.0 (−5.0 to +1.0)'],
    ['macroF1', '50.0 (40.0 to 60.0)', '−2.0 (−5.0 to +1.0)'],
    ['auc', '0.500 (0.400 to 0.600)', '−0.020 (−0.050 to +0.010)'],
    ['logLoss', '0.500 (0.400 to 0.600)', '−0.020 (−0.050 to +0.010)'],
    ['ece', '0.500 (0.400 to 0.600)', '−0.020 (−0.050 to +0.010)'],
  ]);
});

test('both arms share a scale that holds their ranges, and the difference is drawn around zero', () => {
  const arm = (low: number, high: number) => ({ accuracy: { ci: [low, high] } });
  const { arms, difference } = accuracyScale({
    arms: { plain: arm(0.7, 0.8), adapted: arm(0.82, 0.995) },
    difference: { accuracy: { ci: [-0.01, 0.13] } },
  } as unknown as Results);
  assert.ok(arms[0] <= 0.7 && arms[1] >= 0.995 && arms[1] <= 1);
  assert.deepEqual(difference, [-0.13, 0.13]);
});
