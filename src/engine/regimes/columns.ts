import { z } from 'zod';
import { columnSchema, type Column, type ColumnValue } from '../../contract/run-files.ts';
import { FEATURE_LENGTH } from './probe.ts';
import type { Samples } from './logistic.ts';

/**
 * Length of all columns together beside the features, which have a length of `FEATURE_LENGTH`: as much as one of the
 * leading directions of the features. With 1 a column that tells the class adds little at few labels, with 10 one that
 * tells nothing takes much away (`node bench/columns.ts`; `bench/results/columns.txt`).
 */
export const COLUMNS_LENGTH = 0.3 * FEATURE_LENGTH;
/** A number farther from the mean than this many standard deviations counts as that far: few rows tell little of tails. */
const FARTHEST = 3;

export const fittedColumnSchema = z.union([
  columnSchema.extend({ kind: z.literal('number'), mean: z.number(), deviation: z.number().nonnegative() }),
  columnSchema.extend({ kind: z.literal('category'), values: z.array(z.string()) }),
]);
/** How a column becomes numbers, as the rows that a head was trained with tell. */
export type FittedColumn = z.infer<typeof fittedColumnSchema>;
type Row = readonly ColumnValue[];

/**
 * Learns from training rows alone: mean and standard deviation (divided by n) of numbers, and the values there are of
 * categories, sorted. Of a column of numbers without any, or with one value only, nothing but its being missing is told.
 * @param rows values in the order of the columns; a short row ends in missing values
 */
export const fitColumns = (columns: readonly Column[], rows: readonly Row[]): FittedColumn[] =>
  columns.map(({ name, kind }, at) => {
    if (kind === 'category') {
      const values = new Set(rows.flatMap((row) => (typeof row[at] === 'string' ? [row[at]] : [])));
      return { name, kind, values: [...values].sort() };
    }
    const numbers = rows.flatMap((row) => (typeof row[at] === 'number' ? [row[at]] : []));
    const mean = numbers.reduce((sum, value) => sum + value, 0) / Math.max(1, numbers.length);
    const variance = numbers.reduce((sum, value) => sum + (value - mean) ** 2, 0) / Math.max(1, numbers.length);
    return { name, kind, mean, deviation: Math.sqrt(variance) };
  });

/**
 * What joins the features of each row: a number as its standard score within ±3, a category as one place for each value
 * that was trained with, and for each column a place that is 1 where the value is missing or was never trained with,
 * and all others 0. Scaled so that columns together have the length `COLUMNS_LENGTH`, however many they are.
 * @returns [rows.length, width]
 */
export function encodeColumns(columns: readonly FittedColumn[], rows: readonly Row[]): Samples {
  const width = columns.reduce((sum, column) => sum + placesOf(column), 0);
  const data = new Float64Array(rows.length * width);
  const scale = COLUMNS_LENGTH / Math.sqrt(Math.max(1, columns.length));
  rows.forEach((row, i) => {
    let at = i * width;
    columns.forEach((column, k) => {
      const place = placeOf(column, row[k] ?? null);
      data[at + (place?.at ?? placesOf(column) - 1)] = scale * (place?.value ?? 1);
      at += placesOf(column);
    });
  });
  return { data, rows: rows.length, columns: width };
}

/** The last one is for what is missing. */
const placesOf = (column: FittedColumn): number => 1 + (column.kind === 'number' ? 1 : column.values.length);

/** Null where the value is missing, or says nothing as none like it was trained with. */
function placeOf(column: FittedColumn, value: ColumnValue): { readonly at: number; readonly value: number } | null {
  if (column.kind === 'category') {
    const at = typeof value === 'string' ? column.values.indexOf(value) : -1;
    return at < 0 ? null : { at, value: 1 };
  }
  if (typeof value !== 'number') return null;
  const score = column.deviation > 0 ? (value - column.mean) / column.deviation : 0;
  return { at: 0, value: Math.min(FARTHEST, Math.max(-FARTHEST, score)) };
}
