import type { Curve, Results } from '../contract/results.ts';
import type { Numbers } from './numbers.ts';
import type { Sentence } from './sentences.ts';
import { rangeText } from './summary.ts';

/** What more labels would buy, or that nothing can be guessed. */
export function moreLabels({ outlook }: Pick<Curve, 'outlook'>, numbers: Numbers): Sentence {
  if (!outlook) return { key: 'more.tooFew', named: {} };
  const { labels, gain } = outlook;
  const named = {
    n: numbers.integer(labels),
    gain: numbers.signed(gain.mean),
    low: numbers.signed(gain.ci[0]),
    high: numbers.signed(gain.ci[1]),
  };
  return { key: 'more.buys', named, count: labels };
}

/** How the curve came about. */
export const curveHint = (
  { checkImages }: Pick<Curve, 'checkImages'>,
  { check }: Pick<Results['protocol'], 'check'>,
  { integer }: Numbers,
): Sentence => ({
  key: check === 'repeated' ? 'more.hintRepeated' : 'more.hint',
  named: { n: integer(checkImages) },
  count: checkImages,
});

/** Words of the learning curve. */
export const curveWords = (t: (key: string) => string, numbers: Numbers, percent: (share: number) => string) => ({
  labels: t('more.labels'),
  score: t('more.score'),
  guess: t('more.guess'),
  percent,
  number: (labels: number): string =>
    numbers.hundred(labels / 100, Number.isInteger(Math.round(10 * labels) / 10) ? 0 : 1),
  range: (low: number, high: number): string => rangeText([low, high], numbers),
});
