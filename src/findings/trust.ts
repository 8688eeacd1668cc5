import type { Estimate, Trust } from '../contract/results.ts';
import type { ReliabilityBin, RiskPoint } from '../statistics/reliability.ts';
import type { Numbers } from './numbers.ts';
import type { Sentence } from './sentences.ts';
import { rangeText } from './summary.ts';

/** How a share is written: "84 %". */
type Percent = (share: number) => string;

/** Whether what is shown was corrected, and by what. */
export function correctedSentence(fit: Trust | null, numbers: Numbers, two: (value: number) => string): Sentence {
  if (!fit) return { key: 'trust.old', named: {} };
  if (!fit.temperature) return { key: 'trust.notFitted', named: {} };
  const { value, labels } = fit.temperature;
  return {
    key: fit.after ? 'trust.fitted' : 'trust.appliedFitted',
    named: { value: two(value), n: numbers.integer(labels) },
    count: labels,
  };
}

/** How label draws are counted in the percentages; nothing where one model answers. */
export const drawsSentence = (
  { draws, ofMean }: { readonly draws: number; readonly ofMean: boolean },
  { integer }: Pick<Numbers, 'integer'>,
): Sentence | null =>
  draws > 1 ? { key: ofMean ? 'trust.ofMean' : 'trust.pooled', named: { n: integer(draws) } } : null;

/** What is named of a bin, wherever it is spoken of. */
export const namedBin = (
  { said, mean, ci, images }: ReliabilityBin,
  numbers: Numbers,
  percent: Percent,
): Record<string, string> => ({
  said: percent(said),
  right: percent(mean),
  range: rangeText(ci, numbers),
  n: numbers.integer(images),
});

/** "0.09 (0.03–0.14)" of a measure of how far percentages are off; a dash where there is none. */
export const fitText = (estimate: Pick<Estimate, 'mean' | 'ci'> | undefined, two: (value: number) => string): string =>
  estimate ? `${two(estimate.mean)} (${estimate.ci.map(two).join('–')})` : '–';

/** What naming only the surer half is worth, against naming everything; nothing where no image was asked about. */
export function riskSentence(risk: readonly RiskPoint[], numbers: Numbers, percent: Percent): Sentence | null {
  const all = risk.at(-1);
  const half = risk.toSorted((a, b) => Math.abs(a.coverage - 0.5) - Math.abs(b.coverage - 0.5))[0];
  if (!all || !half) return null;
  const named = {
    wrong: percent(half.wrong.mean),
    range: rangeText(half.wrong.ci, numbers),
    all: percent(all.wrong.mean),
    allRange: rangeText(all.wrong.ci, numbers),
  };
  return { key: 'trust.risk.summary', named };
}

/** Words of the reliability diagram and of the risk–coverage curve. */
export function trustChartWords(t: (key: string) => string, numbers: Numbers, percent: Percent) {
  const form = {
    percent,
    integer: numbers.integer,
    range: (low: number, high: number): string => rangeText([low, high], numbers),
  };
  return {
    reliability: {
      said: t('trust.reliability.said'),
      right: t('trust.reliability.right'),
      images: t('trust.reliability.images'),
      ...form,
    },
    coverage: {
      named: t('trust.risk.named'),
      wrong: t('trust.risk.wrong'),
      threshold: t('trust.risk.threshold'),
      images: t('trust.risk.images'),
      ...form,
    },
  };
}
