import type { Results } from '../../../contract/results.ts';
import { shareRange } from './ranges.ts';

/** Fewer check images of a class than this measure nothing. */
export const fewestOfClass = 5;

/** Whole check images: rows true, columns called. */
export type Counts = readonly (readonly number[])[];

interface Part {
  readonly hits: number;
  readonly of: number;
  readonly range: { readonly mean: number; readonly ci: [number, number] } | null;
}
export interface ClassRow {
  readonly index: number;
  readonly name: string;
  readonly labels: number;
  readonly checkImages: number;
  /** Too few check images to say anything. */
  readonly unmeasured: boolean;
  readonly found: Part;
  readonly right: Part;
  readonly balance: number | null;
  readonly ranking: number | null;
}

const part = (hits: number, of: number): Part => ({ hits, of, range: shareRange(hits, of) });

/** What is known of each class: counted from the very images that a press on the number shows. */
export function classRows(counts: Counts, perClass: Results['arms']['plain']['perClass']): readonly ClassRow[] {
  return perClass.map(({ class: name, trainingLabels, auc }, index) => {
    const row = counts[index] ?? [];
    const hits = row[index] ?? 0;
    const checkImages = row.reduce((sum, n) => sum + n, 0);
    const called = counts.reduce((sum, each) => sum + (each[index] ?? 0), 0);
    return {
      index,
      name,
      labels: trainingLabels,
      checkImages,
      unmeasured: checkImages < fewestOfClass,
      found: part(hits, checkImages),
      right: part(hits, called),
      balance: checkImages + called > 0 ? (2 * hits) / (checkImages + called) : null,
      ranking: auc,
    };
  });
}

/** The class that is found least of those that are measured; none where all are found. */
export function weakest(rows: readonly ClassRow[]): ClassRow | undefined {
  const measured = rows.filter(({ unmeasured, found }) => !unmeasured && found.hits < found.of);
  return measured.toSorted((a, b) => a.found.hits / a.found.of - b.found.hits / b.found.of)[0];
}

/** Cells off the diagonal that hold images, most first: the order in which they are worth a look. */
export const confusedCells = (counts: Counts): readonly { truth: number; called: number; images: number }[] =>
  counts
    .flatMap((row, truth) => row.map((images, called) => ({ truth, called, images })))
    .filter(({ truth, called, images }) => truth !== called && images > 0)
    .toSorted((a, b) => b.images - a.images || a.truth - b.truth || a.called - b.called);

/** A cell is filled up to this share of the ramp and carries the text of the page, or from the second one on the other. */
export const faintUpTo = 0.5;
export const strongFrom = 0.72;

/**
 * How far along the ramp a cell is filled, of the most that any confusion holds. What lies between is left out: there
 * neither text can be read on it.
 */
export function heatOf(images: number, most: number): number {
  const share = most > 0 ? images / most : 0;
  return share <= 0.5 ? 2 * share * faintUpTo : strongFrom + (2 * share - 1) * (1 - strongFrom);
}
