import type { CoreCalls } from '../../contract/core-calls.ts';
import type { Results } from '../../contract/results.ts';
import type { OutputOf } from '../../rpc/types.ts';
import { tellingBin } from '../../statistics/reliability.ts';
import { percent, plural, signedRange, wholePercent } from './numbers.ts';

type TrustView = OutputOf<CoreCalls, 'results.trust'>;

/** Whether the applied model's percentages can be trusted, in a few lines. */
export function trustText({ fit, bins, draws, ofMean }: TrustView): string[] {
  const telling = tellingBin(bins.after ?? bins.before ?? []);
  const lines: string[] = [];
  if (telling) {
    const { said, mean, ci, images } = telling;
    const range = `${wholePercent(ci[0])}–${wholePercent(ci[1])}, ${plural(images, 'image')}`;
    lines.push(`When it says ${wholePercent(said)} %, it is right ${wholePercent(mean)} % of the time (${range}).`);
  }
  if (draws > 1) {
    lines.push(
      ofMean
        ? `These percentages are of the mean over ${draws} label draws, which no model that is applied says: this run is from before each was asked by itself.`
        : `Each of the ${draws} label draws was asked by itself, and all their answers are counted.`,
    );
  }
  if (fit?.after && fit.temperature) {
    const change = (name: 'ece' | 'logLoss'): string =>
      `${fit.before[name].mean.toFixed(3)} → ${fit.after![name].mean.toFixed(3)}`;
    const { value, labels } = fit.temperature;
    lines.push(
      `Percentages are corrected by temperature ${value.toFixed(2)}, fitted on ${plural(labels, 'held-out training label')}: confidence error (ECE) ${change('ece')}, surprise (log loss) ${change('logLoss')}.`,
    );
  } else if (fit === null) {
    lines.push('This run is from before percentages were corrected.');
  }
  return lines;
}

/** What more labels would buy the applied model. */
export function moreLabelsText({ curve, deployed }: Pick<Results, 'curve' | 'deployed'>): string[] {
  const outlook = curve?.[deployed]?.outlook;
  if (!outlook) return curve === undefined ? [] : ['More labels? Not enough checks to guess yet.'];
  const { labels, gain } = outlook;
  return [`${labels} more labels per class would buy about ${signedRange(gain.mean, gain.ci, percent)} of 100.`];
}
