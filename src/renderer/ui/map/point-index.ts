const cellsAcross = 512;

/** Finds the point nearest to a place among a million: points by the cell of a grid over −1..1 they lie in. */
export class PointIndex {
  readonly #places: Float32Array;
  readonly #starts = new Int32Array(cellsAcross * cellsAcross + 1);
  readonly #points: Int32Array;

  constructor(places: Float32Array, count: number) {
    this.#places = places;
    this.#points = new Int32Array(count);
    for (let at = 0; at < count; at++) this.#starts[this.#cellOf(at) + 1]! += 1;
    for (let cell = 0; cell < cellsAcross * cellsAcross; cell++) this.#starts[cell + 1]! += this.#starts[cell]!;
    const next = this.#starts.slice();
    for (let at = 0; at < count; at++) this.#points[next[this.#cellOf(at)]!++] = at;
  }

  #cellOf(at: number): number {
    return line(this.#places[2 * at + 1]!) * cellsAcross + line(this.#places[2 * at]!);
  }

  /** The nearest of those no farther than `radius`. */
  nearest(x: number, y: number, radius: number): number | undefined {
    let best = radius * radius;
    let found: number | undefined;
    for (let row = line(y - radius); row <= line(y + radius); row++) {
      const from = this.#starts[row * cellsAcross + line(x - radius)]!;
      const to = this.#starts[row * cellsAcross + line(x + radius) + 1]!;
      for (let i = from; i < to; i++) {
        const at = this.#points[i]!;
        const apart = (this.#places[2 * at]! - x) ** 2 + (this.#places[2 * at + 1]! - y) ** 2;
        if (apart <= best) [best, found] = [apart, at];
      }
    }
    return found;
  }
}

const line = (value: number): number =>
  Math.max(0, Math.min(cellsAcross - 1, Math.floor(((value + 1) / 2) * cellsAcross)));
