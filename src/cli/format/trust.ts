import type { CoreCalls } from '../../contract/core-calls.ts';
import type { OutputOf } from '../../rpc/types.ts';
import { tellingBin } from '../../statistics/reliability.ts';
import { plural } from './numbers.ts';

type TrustView = OutputOf<CoreCalls, 'results.trust'>;

const percent = (share: number): string => (100 * share).toFixed(0);

/** Whether the applied model's percentages can be trusted, in a few lines. */
export function trustText({ fit, bins }: TrustView): string[] {
  const telling = tellingBin(bins.after ?? bins.before ?? []);
  const lines: string[] = [];
  if (telling) {
    const { said, mean, ci, images } = telling;
    const range = `${percent(ci[0])}–${percent(ci[1])}, ${plural(images, 'image')}`;
    lines.push(`When it says ${percent(said)} %, it is right ${percent(mean)} % of the time (${range}).`);
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
