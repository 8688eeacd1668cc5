/** Rows of unit length, back to back. */
export interface Vectors {
  readonly rows: Float32Array;
  readonly width: number;
}

export const rowAt = ({ rows, width }: Vectors, at: number): Float32Array =>
  rows.subarray(at * width, (at + 1) * width);

/** Of rows whose width is a multiple of four: four sums at a time keep the processor busy. */
export function dot(a: Float32Array, b: Float32Array): number {
  let [one, two, three, four] = [0, 0, 0, 0];
  for (let i = 0; i < a.length; i += 4) {
    one += a[i]! * b[i]!;
    two += a[i + 1]! * b[i + 1]!;
    three += a[i + 2]! * b[i + 2]!;
    four += a[i + 3]! * b[i + 3]!;
  }
  return one + two + three + four;
}

/** Mean of some rows, of unit length. */
export function centreOf(vectors: Vectors, members: Iterable<number>): Float32Array {
  const centre = new Float32Array(vectors.width);
  for (const at of members) {
    const row = rowAt(vectors, at);
    for (let i = 0; i < centre.length; i++) centre[i]! += row[i]!;
  }
  const scale = 1 / Math.max(1e-12, Math.sqrt(dot(centre, centre)));
  for (let i = 0; i < centre.length; i++) centre[i]! *= scale;
  return centre;
}

/** Place of the centre most like a row, and how like it is. */
export function nearest(row: Float32Array, centres: readonly Float32Array[]): { at: number; likeness: number } {
  let at = 0;
  let best = -Infinity;
  for (let i = 0; i < centres.length; i++) {
    const likeness = dot(row, centres[i]!);
    if (likeness > best) [at, best] = [i, likeness];
  }
  return { at, likeness: best };
}

const rounds = 5;
/** Centres are found from this many rows at most, spread over all: more do not move them. */
const mostLearned = 4000;

/**
 * Clusters of rows by likeness (spherical k-means, Dhillon & Modha 2001), begun from rows spread by a fixed step, so
 * that the same rows give the same clusters.
 * @returns cluster of each row
 */
export function cluster(vectors: Vectors, count: number, k: number): Int32Array {
  const step = Math.max(1, Math.ceil(count / mostLearned));
  const learned = Array.from({ length: Math.ceil(count / step) }, (_, i) => i * step);
  const wanted = Math.min(k, learned.length);
  let centres: Float32Array[] = Array.from({ length: wanted }, (_, i) =>
    Float32Array.from(rowAt(vectors, learned[Math.floor((i * learned.length) / wanted)]!)),
  );
  for (let round = 0; round < rounds; round++) {
    const members = centres.map((): number[] => []);
    for (const at of learned) members[nearest(rowAt(vectors, at), centres).at]!.push(at);
    centres = centres.map((centre, c) => (members[c]!.length > 0 ? centreOf(vectors, members[c]!) : centre));
  }
  return Int32Array.from({ length: count }, (_, at) => nearest(rowAt(vectors, at), centres).at);
}
