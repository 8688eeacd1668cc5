/**
 * The order in which a tensor lies in memory: character j names the logical axis that is physically j-th.
 * Logical images are NHWC, logical filters HWIO (depthwise HWC1), as in TF.js.
 */
export type Layout = string;

export const NCHW: Layout = '0312';
export const OIHW: Layout = '3201';
/** Depthwise filter [h, w, c, 1] as [c, 1, h, w]. */
export const C1HW: Layout = '2301';

export const rowMajor = (rank: number): Layout => '01234567'.slice(0, rank);
const axes = (layout: Layout): number[] => [...layout].map(Number);

/** `values` per logical axis, in physical order. */
export const inLayout = <T>(values: readonly T[], layout: Layout): T[] => axes(layout).map((axis) => values[axis] as T);

/** Where a logical axis lies. */
export const axisIn = (layout: Layout, axis: number): number => layout.indexOf(String(axis));

/** The permutation that takes one layout to another. */
export const permutation = (from: Layout, to: Layout): number[] => axes(to).map((axis) => axisIn(from, axis));

/** Whether the axes longer than 1 keep their order, so that no element moves. */
export function sameOrder(shape: readonly number[], from: Layout, to: Layout): boolean {
  const long = (layout: Layout) =>
    axes(layout)
      .filter((axis) => shape[axis] !== 1)
      .join();
  return long(from) === long(to);
}
