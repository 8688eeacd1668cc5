import type { MonitorRow } from './run-files.ts';

export const healthWords = ['warming-up', 'learning', 'stalled', 'collapsing', 'collapsed'] as const;
export type HealthWord = (typeof healthWords)[number];

/** What is shrunk to a point: numbers that are none, a tenth of the first spread, or fewer than two directions left. */
function shrunk(row: MonitorRow, first: MonitorRow): boolean {
  const { embeddingStd: spread, effectiveRank: rank, loss } = row;
  if (![spread, rank, loss ?? 0].every(Number.isFinite)) return true;
  return spread < 0.1 * first.embeddingStd || (rank < 2 && rank < 0.5 * first.effectiveRank);
}

/**
 * How an adaptation does, in one word, from its rows so far. Collapsed: two rows in a row shrunk to a point (numbers
 * that are not finite never recover, so one is enough). Stalled: three passes without the loss falling by 1 % and
 * without the neighbours' accuracy rising.
 */
export function healthOf(rows: readonly MonitorRow[]): HealthWord {
  const [first, ...later] = rows;
  const last = later.at(-1);
  if (!first || !last) return 'warming-up';
  if (shrunk(last, first)) {
    const finite = [last.embeddingStd, last.effectiveRank, last.loss ?? 0].every(Number.isFinite);
    const before = later.at(-2);
    return !finite || (before && shrunk(before, first)) ? 'collapsed' : 'collapsing';
  }
  if (later.every((row) => row.learningRate === 0)) return 'warming-up';
  const then = later.at(-4);
  if (!then) return 'learning';
  const recent = later.slice(-3);
  const falls = recent.some((row) => (row.loss ?? 0) < (then.loss ?? 0) - 0.01 * Math.abs(then.loss ?? 0));
  const rises = recent.some((row) => (row.knnAccuracy ?? 0) > (then.knnAccuracy ?? 0));
  return falls || rises ? 'learning' : 'stalled';
}

/** Passes since the loss last fell by 1 % or the neighbours' accuracy last rose. */
export function passesWithoutProgress(rows: readonly MonitorRow[]): number {
  let best = { loss: Infinity, knn: -Infinity, at: 0 };
  rows.forEach(({ loss, knnAccuracy }, at) => {
    const falls = loss !== null && loss < best.loss - 0.01 * Math.abs(Number.isFinite(best.loss) ? best.loss : 0);
    const rises = (knnAccuracy ?? -Infinity) > best.knn;
    if (falls || rises) {
      best = { loss: Math.min(best.loss, loss ?? Infinity), knn: Math.max(best.knn, knnAccuracy ?? -Infinity), at };
    }
  });
  return Math.max(0, rows.length - 1 - best.at);
}
