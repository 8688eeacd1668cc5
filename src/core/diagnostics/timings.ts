/** Width of a bucket: each is 5 % wider than the one before. */
const growth = Math.log(1.05);
/** Everything below is told as this: milliseconds. */
const least = 0.01;

/** How long something took, many times: small, and exact to 5 %. */
export class Histogram {
  readonly #buckets = new Map<number, number>();
  #count = 0;
  #max = 0;

  add(ms: number): void {
    const bucket = Math.max(0, Math.ceil(Math.log(ms / least) / growth));
    this.#buckets.set(bucket, (this.#buckets.get(bucket) ?? 0) + 1);
    this.#count++;
    this.#max = Math.max(this.#max, ms);
  }

  get count(): number {
    return this.#count;
  }
  get max(): number {
    return this.#max;
  }

  /** The time that a share of all took at most. */
  quantile(share: number): number {
    let left = Math.ceil(share * this.#count);
    for (const [bucket, count] of [...this.#buckets].sort(([a], [b]) => a - b)) {
      left -= count;
      if (left <= 0) return Math.min(this.#max, least * Math.exp(bucket * growth));
    }
    return this.#max;
  }
}

export interface Timing {
  readonly name: string;
  readonly count: number;
  readonly p50: number;
  readonly p95: number;
  readonly p99: number;
  readonly max: number;
}

const histograms = new Map<string, Histogram>();

export function noteTime(name: string, ms: number): void {
  let histogram = histograms.get(name);
  if (!histogram) histograms.set(name, (histogram = new Histogram()));
  histogram.add(ms);
}

/** Runs a piece of work and notes how long it took, also where it fails. */
export function timed<T>(name: string, work: () => T): T {
  const begun = performance.now();
  const note = (): void => noteTime(name, performance.now() - begun);
  let result: T;
  try {
    result = work();
  } catch (error) {
    note();
    throw error;
  }
  if (result instanceof Promise) void result.then(note, note);
  else note();
  return result;
}

/** Since this process started, by name. */
export const timings = (): Timing[] =>
  [...histograms]
    .map(([name, histogram]) => ({
      name,
      count: histogram.count,
      p50: histogram.quantile(0.5),
      p95: histogram.quantile(0.95),
      p99: histogram.quantile(0.99),
      max: histogram.max,
    }))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
