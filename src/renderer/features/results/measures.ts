import type { Estimate, MetricName, Results } from '../../../contract/results.ts';
import { percent, plain, signedPercent, signedPlain } from '../../ui/format.ts';

type Range = Pick<Estimate, 'mean' | 'ci'>;

export interface Measure {
  readonly name: MetricName;
  /** The plain word, and the field's word in small grey beside it. */
  readonly word: string;
  readonly gloss: string;
  show(value: Range): string;
  showDifference(value: Range): string;
}

const range = (format: (value: number) => string, { mean, ci }: Range): string =>
  `${format(mean)} (${format(ci[0])} to ${format(ci[1])})`;

const inHundred = (name: MetricName, word: string, gloss: string): Measure => ({
  name,
  word,
  gloss,
  show: (value) => range(percent, value),
  showDifference: (value) => range(signedPercent, value),
});

const onItsScale = (name: MetricName, word: string, gloss: string): Measure => ({
  name,
  word,
  gloss,
  show: (value) => range(plain, value),
  showDifference: (value) => range(signedPlain, value),
});

/** Of 100 images, or on the measure's own scale. */
export const measures: readonly Measure[] = [
  inHundred('accuracy', 'Named correctly, of 100', 'accuracy'),
  inHundred('balancedAccuracy', 'Each class counted equally', 'balanced accuracy'),
  inHundred('macroF1', 'Balance', 'macro F1'),
  onItsScale('auc', 'Ranking, 1 is best', 'AUC'),
  onItsScale('logLoss', 'Surprise, lower is better', 'log loss'),
  onItsScale('ece', 'Confidence error, lower is better', 'ECE'),
];

/** One scale for both arms, so that they can be compared by eye, and one around zero for the difference. */
export function accuracyScale(results: Results): { arms: [number, number]; difference: [number, number] } {
  const ends = [...results.arms.plain.accuracy.ci, ...results.arms.adapted.accuracy.ci];
  const reach = Math.max(0.02, ...results.difference.accuracy.ci.map(Math.abs));
  return {
    arms: [Math.max(0, Math.min(...ends) - 0.02), Math.min(1, Math.max(...ends) + 0.02)],
    difference: [-reach, reach],
  };
}
