import assert from 'node:assert/strict';
import { test } from 'node:test';
import { correctedSentence, drawsSentence, riskSentence } from '../../../src/findings/trust.ts';
import { language } from '../renderer/language.ts';

const { numbers, say } = language('en');
const two = (value: number): string => value.toFixed(2);
const estimate = { mean: 0.1, ci: [0, 0.2] as [number, number] };
const fit = { ece: estimate, logLoss: estimate, brier: estimate };

test('corrected is said of what is shown: where the draws are not, of the applied model alone', () => {
  const temperature = { value: 1.25, labels: 960 };
  const said = (of: Parameters<typeof correctedSentence>[0]): string => say(correctedSentence(of, numbers, two));
  assert.match(said({ before: fit, after: fit, temperature }), /^Corrected by temperature 1\.25, fitted on 960 /);
  assert.match(said({ before: fit, after: null, temperature }), /^The model that is applied .*draws are not corrected/);
  assert.match(said({ before: fit, after: null, temperature: null }), /^Not corrected/);
  assert.match(said(null), /before percentages were corrected/);
});

test('label draws are told of where there are several, and the mean of an older run is called so', () => {
  assert.equal(drawsSentence({ draws: 1, ofMean: false }, numbers), null);
  assert.match(
    say(drawsSentence({ draws: 5, ofMean: false }, numbers)!),
    /^Each of the 5 label draws was asked by itself/,
  );
  assert.match(say(drawsSentence({ draws: 5, ofMean: true }, numbers)!), /of the mean over draws, which no model/);
});

test('the surer half is the step nearest to it, whatever the others are', () => {
  const point = (coverage: number, mean: number) => {
    const wrong = { mean, ci: [mean - 0.02, mean + 0.02] as [number, number], images: 9, hits: 1, misses: 9 };
    return { threshold: 0.5, coverage, wrong };
  };
  const percent = (share: number): string => `${Math.round(100 * share)} %`;
  const risk = [point(0.1, 0.05), point(0.46, 0.1), point(0.6, 0.3), point(1, 0.4)];
  const sentence = say(riskSentence(risk, numbers, percent)!);
  assert.equal(sentence, 'If the surer half is named, 10 % of it is wrong (8–12); if everything is, 40 % (38–42).');
  assert.equal(riskSentence([], numbers, percent), null);
});
