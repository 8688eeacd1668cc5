import { fewestOfClass, type Results } from '../contract/results.ts';
import type { Numbers } from './numbers.ts';
import { shareRange } from './ranges.ts';
import type { Sentence } from './sentences.ts';

/** Whole check images: rows true, columns called. */
export type Counts = readonly (readonly number[])[];

/** Sums of the weights of the same images, and of their squares. */
export interface Weights {
  readonly sums: Counts;
  readonly squares: Counts;
}

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

/** What a matrix holds of a class: named correctly, all that are it, and all that were called so. */
const ofClass = (matrix: Counts, index: number): { hits: number; row: number; column: number } => ({
  hits: matrix[index]?.[index] ?? 0,
  row: (matrix[index] ?? []).reduce((sum, n) => sum + n, 0),
  column: matrix.reduce((sum, each) => sum + (each[index] ?? 0), 0),
});

/**
 * What is known of each class: counted from the very images that a press on the number shows. Where they are weighted,
 * shares are those of the weights, and ranges those of as many equal images as tell the same, (Σw)² / Σw².
 */
export function classRows(
  counts: Counts,
  perClass: Results['arms']['plain']['perClass'],
  weights: Weights | null = null,
): readonly ClassRow[] {
  return perClass.map(({ class: name, trainingLabels, auc }, index) => {
    const images = ofClass(counts, index);
    const sums = ofClass(weights?.sums ?? counts, index);
    const squares = ofClass(weights?.squares ?? counts, index);
    const part = (side: 'row' | 'column'): Part => {
      const effective = squares[side] > 0 ? sums[side] ** 2 / squares[side] : 0;
      const range = shareRange(sums.hits * (effective / sums[side]), effective);
      return { hits: images.hits, of: images[side], range };
    };
    return {
      index,
      name,
      labels: trainingLabels,
      checkImages: images.row,
      unmeasured: images.row < fewestOfClass,
      found: part('row'),
      right: part('column'),
      balance: images.row + images.column > 0 ? (2 * sums.hits) / (sums.row + sums.column) : null,
      ranking: auc,
    };
  });
}

/** Counts of images; where they are weighted, the share is another than theirs and is told too. */
export function partSentence({ hits, of, range }: Part, weighted: boolean, numbers: Numbers): Sentence {
  const named = { hits: numbers.integer(hits), of: numbers.integer(of) };
  if (!weighted) return { key: 'results.classes.of', named };
  return { key: 'results.classes.weightedOf', named: { ...named, share: numbers.hundred(range?.mean ?? 0) } };
}

/** The class that is found least of those that are measured; none where all are found. */
export function weakest(rows: readonly ClassRow[]): ClassRow | undefined {
  const measured = rows.filter(({ unmeasured, found }) => !unmeasured && found.hits < found.of);
  return measured.toSorted((a, b) => (a.found.range?.mean ?? 0) - (b.found.range?.mean ?? 0))[0];
}

/** Cells off the diagonal that hold images, most first: the order in which they are worth a look. */
export const confusedCells = (counts: Counts): readonly { truth: number; called: number; images: number }[] =>
  counts
    .flatMap((row, truth) => row.map((images, called) => ({ truth, called, images })))
    .filter(({ truth, called, images }) => truth !== called && images > 0)
    .toSorted((a, b) => b.images - a.images || a.truth - b.truth || a.called - b.called);

/** Share of a row's images in a cell: of their weights, where images are weighted. */
export function shareOfRow(counts: Counts, weights: Weights | null, truth: number, called: number): number {
  const row = (weights?.sums ?? counts)[truth] ?? [];
  const all = row.reduce((sum, value) => sum + value, 0);
  return all > 0 ? (row[called] ?? 0) / all : 0;
}

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
