/** Rows of unit length, back to back. */
export interface Vectors {
  readonly rows: Float32Array;
  readonly width: number;
}

export const rowAt = ({ rows, width }: Vectors, at: number): Float32Array =>
  rows.subarray(at * width, (at + 1) * width);

export function dot(a: Float32Array, b: Float32Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!;
  return sum;
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
  let best = { at: 0, likeness: -Infinity };
  centres.forEach((centre, at) => {
    const likeness = dot(row, centre);
    if (likeness > best.likeness) best = { at, likeness };
  });
  return best;
}

const rounds = 5;

/**
 * Clusters of rows by likeness (spherical k-means, Dhillon & Modha 2001), begun from rows spread by a fixed step, so
 * that the same rows give the same clusters.
 * @returns cluster of each row
 */
export function cluster(vectors: Vectors, count: number, k: number): Int32Array {
  const of = new Int32Array(count);
  let centres: Float32Array[] = Array.from({ length: Math.min(k, count) }, (_, i) =>
    Float32Array.from(rowAt(vectors, Math.floor((i * count) / Math.min(k, count)))),
  );
  for (let round = 0; round < rounds; round++) {
    let moved = 0;
    for (let at = 0; at < count; at++) {
      const { at: best } = nearest(rowAt(vectors, at), centres);
      if (of[at] !== best) moved += 1;
      of[at] = best;
    }
    const members = Array.from({ length: centres.length }, (): number[] => []);
    of.forEach((c, at) => members[c]!.push(at));
    centres = centres.map((centre, c) => (members[c]!.length > 0 ? centreOf(vectors, members[c]!) : centre));
    if (moved === 0) break;
  }
  return of;
}
