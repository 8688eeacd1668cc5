import assert from 'node:assert/strict';
import { test } from 'node:test';
import { judge, type Evidence } from '../../../../src/engine/evaluate/verdict.ts';

const evidence = (ci: [number, number], more: Partial<Evidence> = {}): Evidence => ({
  accuracy: { mean: (ci[0] + ci[1]) / 2, ci },
  spread: { variance: 0.02 ** 2, degrees: 9 },
  balancedAccuracy: { mean: 0, ci: [-0.1, 0.1] },
  plainAccuracy: 0.84,
  adaptedAccuracy: 0.908,
  checkImages: 118,
  ...more,
});

test('interval above 0: helped, adapted is recommended and applied', () => {
  const judged = judge(evidence([0.003, 0.133]));
  assert.equal(judged.verdict, 'helped');
  assert.equal(judged.recommendation, 'adapted');
  assert.equal(judged.deployed, 'adapted');
  assert.equal(
    judged.headline,
    'Adapting to your images helped. Of 100 new images it names 91 correctly, instead of 84.',
  );
  assert.equal(judged.notes[0], 'The gain is between 0.3 and 13.3 (95 % range).');
});

test('a small gain is told with a decimal, never as a gain from 91 to 91', () => {
  const judged = judge(evidence([0.001, 0.005], { plainAccuracy: 0.908, adaptedAccuracy: 0.911 }));
  assert.match(judged.headline, /names 91\.1 correctly, instead of 90\.8\./);
});

test('interval below 0: worse, plain', () => {
  const judged = judge(evidence([-0.133, -0.003]));
  assert.deepEqual([judged.verdict, judged.recommendation, judged.deployed], ['worse', 'plain', 'plain']);
  assert.equal(
    judged.headline,
    'Adapting made it worse here (−13.3 to −0.3). Acclimate will use the model without it.',
  );
});

test('an interval that touches 0 is neither helped nor worse', () => {
  assert.notEqual(judge(evidence([0, 0.05])).verdict, 'helped');
  assert.notEqual(judge(evidence([-0.05, 0])).verdict, 'worse');
});

test('too few: below 30 check images, or a half-width over 5 points; 30 images and 5 points are enough', () => {
  const verdictOf = (half: number, checkImages: number): string =>
    judge(evidence([-half, half], { checkImages })).verdict;
  assert.equal(verdictOf(0.05, 30), 'no-difference');
  assert.equal(verdictOf(0.05, 29), 'too-few');
  assert.equal(verdictOf(0.0501, 30), 'too-few');
  const few = judge(evidence([-0.01, 0.01], { checkImages: 12 }));
  assert.deepEqual([few.recommendation, few.deployed], ['undecided', 'plain']);
  assert.equal(few.headline, 'Too few check images to tell. Label 18 more random images.');
  // Twice as wide as allowed needs four times the images.
  assert.match(judge(evidence([-0.1, 0.1], { checkImages: 100 })).headline, /Label 300 more/);
});

test('fewer than 30 images do not hide a clear result', () => {
  assert.equal(judge(evidence([0.01, 0.2], { checkImages: 20 })).verdict, 'helped');
});

test('probably: mean above 0 with one-sided p below 0.2, applied is still the plain model', () => {
  // With 9 degrees, P(T > 0.883) = 0.2.
  const withT = (t: number): Evidence =>
    evidence([0.02 * t - 0.045, 0.02 * t + 0.045], { spread: { variance: 0.02 ** 2, degrees: 9 } });
  const probable = judge(withT(0.9));
  assert.deepEqual([probable.verdict, probable.recommendation, probable.deployed], ['probably', 'undecided', 'plain']);
  assert.equal(probable.headline, 'Adapting probably helped a little; the range still includes no gain.');
  const unclear = judge(withT(0.86));
  assert.deepEqual([unclear.verdict, unclear.recommendation], ['no-difference', 'plain']);
  assert.equal(unclear.headline, 'Adapting made no clear difference. Acclimate will use the simpler model.');
  assert.equal(judge(withT(-0.9)).verdict, 'no-difference');
});

test('two equal arms make no difference', () => {
  const judged = judge(evidence([0, 0], { spread: { variance: 0, degrees: 4 } }));
  assert.deepEqual([judged.verdict, judged.recommendation], ['no-difference', 'plain']);
  assert.equal(judged.notes[0], 'The difference is between 0.0 and 0.0 in 100 (95 % range).');
});

test('balanced accuracy with the opposite sign vetoes either way', () => {
  for (const sign of [1, -1]) {
    const order = (low: number, high: number): [number, number] => (sign > 0 ? [low, high] : [-high, -low]);
    const against = { mean: -sign * 0.05, ci: order(-0.09, -0.01) };
    const judged = judge(evidence(order(0.01, 0.1), { balancedAccuracy: against }));
    assert.equal(judged.recommendation, 'undecided');
    assert.equal(judged.deployed, 'plain');
    assert.match(judged.notes[1] ?? '', /opposite directions/);
    const unsure = { mean: -sign * 0.05, ci: order(-0.09, 0) };
    assert.notEqual(judge(evidence(order(0.01, 0.1), { balancedAccuracy: unsure })).recommendation, 'undecided');
  }
});
