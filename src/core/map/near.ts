/** Squared distance of two rows that lie anywhere in their arrays; `width` is a multiple of four. */
export function apart(a: Float32Array, atA: number, b: Float32Array, atB: number, width: number): number {
  let [one, two, three, four] = [0, 0, 0, 0];
  for (let i = 0; i < width; i += 4) {
    const w = a[atA + i]! - b[atB + i]!;
    const x = a[atA + i + 1]! - b[atB + i + 1]!;
    const y = a[atA + i + 2]! - b[atB + i + 2]!;
    const z = a[atA + i + 3]! - b[atB + i + 3]!;
    one += w * w;
    two += x * x;
    three += y * y;
    four += z * z;
  }
  return one + two + three + four;
}

/** The nearest so far, nearest first, in `k` places of a longer list. */
export class Nearest {
  readonly places: Int32Array;
  /** Squared. */
  readonly distances: Float32Array;
  readonly #k: number;

  constructor(rows: number, k: number) {
    this.#k = k;
    this.places = new Int32Array(rows * k).fill(-1);
    this.distances = new Float32Array(rows * k).fill(Infinity);
  }

  offer(row: number, place: number, distance: number): void {
    const first = row * this.#k;
    let at = first + this.#k - 1;
    if (distance >= this.distances[at]!) return;
    for (; at > first && this.distances[at - 1]! > distance; at--) {
      this.distances[at] = this.distances[at - 1]!;
      this.places[at] = this.places[at - 1]!;
    }
    this.distances[at] = distance;
    this.places[at] = place;
  }

  reset(row: number): void {
    this.places.fill(-1, row * this.#k, (row + 1) * this.#k);
    this.distances.fill(Infinity, row * this.#k, (row + 1) * this.#k);
  }
}

/** Rows compared with as many others while both lie in the processor's cache. */
const block = 256;

/**
 * The k nearest rows of each row, itself first: every pair is looked at once, so nothing is missed.
 * @param rows [n, width]
 * @param tell called with 0..1
 */
export function nearestOfEach(rows: Float32Array, width: number, k: number, tell: (share: number) => void): Nearest {
  const count = rows.length / width;
  const found = new Nearest(count, k);
  for (let row = 0; row < count; row++) found.offer(row, row, 0);
  for (let from = 0; from < count; from += block) {
    for (let against = from; against < count; against += block) {
      for (let i = from; i < Math.min(count, from + block); i++) {
        for (let j = Math.max(against, i + 1); j < Math.min(count, against + block); j++) {
          const distance = apart(rows, i * width, rows, j * width, width);
          found.offer(i, j, distance);
          found.offer(j, i, distance);
        }
      }
    }
    // The share of pairs, not of rows: the last rows have few left.
    const left = 1 - Math.min(1, (from + block) / count);
    tell(1 - left * left);
  }
  return found;
}
