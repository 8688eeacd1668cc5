import type { Box } from '../data/record-cache.ts';

/** A picture cut into cells that are about square, row by row. */
export interface Grid {
  readonly rows: number;
  readonly columns: number;
}

/** Cells along the longer side of a picture. */
export const CELLS_ALONG = 12;
/** A patch reaches this many cells around its own: 3 × 3 cells, a sixteenth of a square picture. */
const REACH = 1;

/** Cells of the picture in a record, of which the box is the part that is not padding. */
export function gridOf([y0, x0, y1, x1]: Box): Grid {
  const [height, width] = [Math.max(1, y1 - y0), Math.max(1, x1 - x0)];
  const longer = Math.max(height, width);
  const along = (side: number): number => Math.max(1, Math.round((CELLS_ALONG * side) / longer));
  return { rows: along(height), columns: along(width) };
}

/** Cells under the patch in the middle of each cell; at the edges it is cut off. */
export function patchesOf({ rows, columns }: Grid): number[][] {
  return Array.from({ length: rows * columns }, (_, cell) => {
    const [row, column] = [Math.floor(cell / columns), cell % columns];
    const patch: number[] = [];
    for (let y = Math.max(0, row - REACH); y <= Math.min(rows - 1, row + REACH); y++)
      for (let x = Math.max(0, column - REACH); x <= Math.min(columns - 1, column + REACH); x++)
        patch.push(y * columns + x);
    return patch;
  });
}

/** What is known of patches, told of cells: the mean over the patches that cover each. */
export function cellMeans(patches: readonly (readonly number[])[], values: ArrayLike<number>): Float64Array {
  const sums = new Float64Array(patches.length);
  const counts = new Uint16Array(patches.length);
  patches.forEach((patch, at) => {
    for (const cell of patch) {
      sums[cell]! += values[at]!;
      counts[cell]!++;
    }
  });
  return sums.map((sum, cell) => sum / counts[cell]!);
}

/** A record, and what covers it. */
export interface Picture {
  /** [side, side, 3] bytes */
  readonly pixels: Uint8Array;
  readonly side: number;
  readonly box: Box;
  readonly grid: Grid;
}

/**
 * Mean colour of the picture in a record, without the padding.
 * @returns 3 bytes
 */
export function meanColour({ pixels, side, box: [y0, x0, y1, x1] }: Omit<Picture, 'grid'>): Uint8Array {
  const sums = [0, 0, 0];
  for (let y = y0; y < y1; y++)
    for (let x = x0; x < x1; x++) for (let c = 0; c < 3; c++) sums[c]! += pixels[(y * side + x) * 3 + c]!;
  const count = Math.max(1, (y1 - y0) * (x1 - x0));
  return Uint8Array.from(sums, (sum) => Math.round(sum / count));
}

/**
 * Writes a record into `out` with some cells in one colour. Padding repeats the edge of the picture, so it is covered
 * with the cells it repeats.
 */
export function cover(
  { pixels, side, box: [y0, x0, y1, x1], grid: { rows, columns } }: Picture,
  cells: Iterable<number>,
  colour: Uint8Array,
  out: Uint8Array,
): void {
  out.set(pixels);
  const edge = (at: number, count: number, from: number, to: number): number =>
    at === 0 ? 0 : at === count ? side : Math.round(from + ((to - from) * at) / count);
  for (const cell of cells) {
    const [row, column] = [Math.floor(cell / columns), cell % columns];
    const [left, right] = [edge(column, columns, x0, x1), edge(column + 1, columns, x0, x1)];
    for (let y = edge(row, rows, y0, y1); y < edge(row + 1, rows, y0, y1); y++)
      for (let x = left; x < right; x++) out.set(colour, (y * side + x) * 3);
  }
}
