import type { MonitorRow } from './run-files.ts';

export const healthWords = ['warming-up', 'learning', 'stalled', 'collapsing', 'collapsed'] as const;
export type HealthWord = (typeof healthWords)[number];

/** What is shrunk to a point: numbers that are none, a tenth of the first spread, or fewer than two directions left. */
function shrunk(row: MonitorRow, first: MonitorRow): boolean {
  const { embeddingStd: spread, effectiveRank: rank, loss } = row;
  if (![spread, rank, loss ?? 0].every(Number.isFinite)) return true;
  return spread < 0.1 * first.embeddingStd || (rank < 2 && rank < 0.5 * first.effectiveRank);
}

/** Labelled images find a third fewer of their own kind among their neighbours than before the first pass. */
const neighboursLost = (row: MonitorRow, first: MonitorRow): boolean =>
  row.knnAccuracy !== null && first.knnAccuracy !== null && row.knnAccuracy < (2 / 3) * first.knnAccuracy;

/** A loss that falls while the neighbours are lost is no progress: both views may be told the same of every image. */
const lossFell = (row: MonitorRow, from: number, first: MonitorRow): boolean =>
  row.loss !== null && !neighboursLost(row, first) && row.loss < from - 0.01 * Math.abs(from);

/** By the method's own sign it fails; nothing is said while only heads train. */
const fails = ({ sign, learningRate }: MonitorRow, means: 'collapsed' | 'stalled'): boolean =>
  sign?.means === means && learningRate > 0 && sign.value <= sign.floor;

/**
 * How an adaptation does, in one word, from its rows so far. Collapsed: two rows in a row shrunk to a point (numbers
 * that are not finite never recover, so one is enough). Collapsing: one such row, or half of the spread gone and the
 * neighbours lost. Stalled: three passes without the loss falling by 1 % (which counts for nothing once the neighbours
 * are lost) and without the neighbours' accuracy rising. A method's own sign counts too, two passes in a row.
 */
export function healthOf(rows: readonly MonitorRow[]): HealthWord {
  const [first, ...later] = rows;
  const last = later.at(-1);
  if (!first || !last) return 'warming-up';
  const before = later.at(-2);
  if (shrunk(last, first)) {
    const finite = [last.embeddingStd, last.effectiveRank, last.loss ?? 0].every(Number.isFinite);
    return !finite || (before && shrunk(before, first)) ? 'collapsed' : 'collapsing';
  }
  if (fails(last, 'collapsed')) return before && fails(before, 'collapsed') ? 'collapsed' : 'collapsing';
  if (fails(last, 'stalled') && before && fails(before, 'stalled')) return 'stalled';
  if (neighboursLost(last, first) && last.embeddingStd < 0.5 * first.embeddingStd) return 'collapsing';
  if (later.every((row) => row.learningRate === 0)) return 'warming-up';
  const then = later.at(-4);
  if (!then) return neighboursLost(last, first) ? 'stalled' : 'learning';
  const recent = later.slice(-3);
  const falls = recent.some((row) => lossFell(row, then.loss ?? 0, first));
  const rises = recent.some((row) => (row.knnAccuracy ?? 0) > (then.knnAccuracy ?? 0));
  return falls || rises ? 'learning' : 'stalled';
}

/** Passes since the loss last fell by 1 % with the neighbours kept, or the neighbours' accuracy last rose. */
export function passesWithoutProgress(rows: readonly MonitorRow[]): number {
  const [first] = rows;
  if (!first) return 0;
  let best = { loss: Infinity, knn: -Infinity, at: 0 };
  rows.forEach((row, at) => {
    const { loss, knnAccuracy } = row;
    const falls = Number.isFinite(best.loss) ? lossFell(row, best.loss, first) : loss !== null;
    const rises = (knnAccuracy ?? -Infinity) > best.knn;
    if (falls || rises) {
      best = { loss: Math.min(best.loss, loss ?? Infinity), knn: Math.max(best.knn, knnAccuracy ?? -Infinity), at };
    }
  });
  return rows.length - 1 - best.at;
}
