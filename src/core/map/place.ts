import { centresOf, type Centred } from './centres.ts';
import { apart, Nearest } from './near.ts';

/** Fitted neighbours whose places are averaged: more of them pull an image between the groups it lies beside. */
const neighbours = 5;
/** Cells looked through for them. */
const looked = 6;

/**
 * Places further rows among those that were fitted: the mean of the places of the nearest ones, each weighted by its
 * squared distance's inverse (Shepard 1968). The nearest are sought in the nearest cells only (an inverted file, Jégou,
 * Douze & Schmid 2011): some are missed now and then, and a million rows take minutes instead of an hour.
 */
export class Placer {
  readonly #width: number;
  readonly #cells: Centred;
  /** Fitted rows, cell by cell, with the place of each. */
  readonly #rows: Float32Array;
  readonly #places: Float32Array;
  readonly #starts: Int32Array;
  readonly #near = new Nearest(1, neighbours);
  readonly #nearCells = new Nearest(1, looked);

  /**
   * @param rows [n, width], `width` a multiple of four
   * @param places [n, 2]
   */
  constructor(rows: Float32Array, width: number, places: Float32Array) {
    const count = rows.length / width;
    this.#width = width;
    this.#cells = centresOf(rows, width, Math.max(1, Math.round(Math.sqrt(count))));
    const { of, centres } = this.#cells;
    const cells = centres.length / width;
    const starts = new Int32Array(cells + 1);
    for (const cell of of) starts[cell + 1]! += 1;
    for (let cell = 0; cell < cells; cell++) starts[cell + 1]! += starts[cell]!;
    const next = starts.slice();
    this.#rows = new Float32Array(rows.length);
    this.#places = new Float32Array(places.length);
    of.forEach((cell, row) => {
      const to = next[cell]!++;
      this.#rows.set(rows.subarray(row * width, (row + 1) * width), to * width);
      this.#places.set(places.subarray(2 * row, 2 * row + 2), 2 * to);
    });
    this.#starts = starts;
  }

  /** @param row [width] @returns its place */
  place(row: Float32Array): readonly [number, number] {
    const width = this.#width;
    const { centres } = this.#cells;
    const cells = this.#nearCells;
    cells.reset(0);
    for (let cell = 0; cell * width < centres.length; cell++) {
      cells.offer(0, cell, apart(centres, cell * width, row, 0, width));
    }
    const near = this.#near;
    near.reset(0);
    for (const cell of cells.places) {
      if (cell < 0) continue;
      for (let at = this.#starts[cell]!; at < this.#starts[cell + 1]!; at++) {
        near.offer(0, at, apart(this.#rows, at * width, row, 0, width));
      }
    }
    let [x, y, sum] = [0, 0, 0];
    near.places.forEach((at, i) => {
      if (at < 0) return;
      const weight = 1 / Math.max(1e-12, near.distances[i]!);
      x += weight * this.#places[2 * at]!;
      y += weight * this.#places[2 * at + 1]!;
      sum += weight;
    });
    return [x / sum, y / sum];
  }
}
