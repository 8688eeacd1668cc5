/** Directions in which rows vary most. */
export interface Axes {
  readonly width: number;
  /** A multiple of four; what the rows have no room for is 0. */
  readonly kept: number;
  /** [width] */
  readonly mean: Float64Array;
  /** [kept, width], orthonormal, by falling variance. */
  readonly axes: Float64Array;
  /** [kept], of the rows along each axis, with n − 1. */
  readonly variances: Float64Array;
}

/**
 * Principal components (Pearson 1901; Jolliffe 2002, §1.1): eigenvectors of the covariance. The greatest entry of each
 * is positive, so that the same rows give the same axes.
 * @param rows [n, width]
 * @param wanted how many; rounded up to a multiple of four
 */
export function principalAxes(rows: Float32Array, width: number, wanted: number): Axes {
  const kept = 4 * Math.ceil(wanted / 4);
  const count = rows.length / width;
  const mean = new Float64Array(width);
  for (let at = 0; at < rows.length; at++) mean[at % width]! += rows[at]!;
  for (let i = 0; i < width; i++) mean[i]! /= Math.max(1, count);
  const { values, vectors } = eigen(covariance(rows, width, mean), width);
  const order = Array.from(values.keys())
    .sort((a, b) => values[b]! - values[a]! || a - b)
    .slice(0, Math.min(wanted, width));
  const axes = new Float64Array(kept * width);
  const variances = new Float64Array(kept);
  order.forEach((from, to) => {
    let greatest = 0;
    for (let i = 0; i < width; i++) {
      const value = vectors[i * width + from]!;
      if (Math.abs(value) > Math.abs(greatest) + 1e-12) greatest = value;
    }
    const sign = greatest < 0 ? -1 : 1;
    for (let i = 0; i < width; i++) axes[to * width + i] = sign * vectors[i * width + from]!;
    variances[to] = Math.max(0, values[from]!);
  });
  return { width, kept, mean, axes, variances };
}

/** @param rows [n, width] @returns [n, kept] */
export function alongAxes({ width, kept, mean, axes }: Axes, rows: Float32Array): Float32Array {
  const count = rows.length / width;
  const out = new Float32Array(count * kept);
  const centred = new Float64Array(width);
  for (let row = 0; row < count; row++) {
    for (let i = 0; i < width; i++) centred[i] = rows[row * width + i]! - mean[i]!;
    for (let axis = 0; axis < kept; axis++) {
      let sum = 0;
      for (let i = 0, at = axis * width; i < width; i++, at++) sum += centred[i]! * axes[at]!;
      out[row * kept + axis] = sum;
    }
  }
  return out;
}

function covariance(rows: Float32Array, width: number, mean: Float64Array): Float64Array {
  const count = rows.length / width;
  const sums = new Float64Array(width * width);
  const centred = new Float64Array(width);
  for (let row = 0; row < count; row++) {
    for (let i = 0; i < width; i++) centred[i] = rows[row * width + i]! - mean[i]!;
    for (let i = 0; i < width; i++) {
      const value = centred[i]!;
      for (let j = i, at = i * width + i; j < width; j++, at++) sums[at]! += value * centred[j]!;
    }
  }
  const scale = 1 / Math.max(1, count - 1);
  for (let i = 0; i < width; i++) {
    for (let j = i; j < width; j++) sums[j * width + i] = sums[i * width + j]! *= scale;
  }
  return sums;
}

const mostSweeps = 30;

/**
 * Eigenvalues and eigenvectors of a symmetric matrix by cyclic Jacobi rotations (Golub & Van Loan, §8.5). The vectors
 * are columns.
 */
function eigen(matrix: Float64Array, n: number): { values: Float64Array; vectors: Float64Array } {
  const a = matrix.slice();
  const vectors = new Float64Array(n * n);
  for (let i = 0; i < n; i++) vectors[i * n + i] = 1;
  const scale = a.reduce((sum, value) => sum + value * value, 0);
  for (let sweep = 0; sweep < mostSweeps; sweep++) {
    let off = 0;
    for (let i = 0; i < n; i++) for (let j = i + 1; j < n; j++) off += a[i * n + j]! ** 2;
    if (off <= 1e-22 * scale) break;
    for (let p = 0; p < n; p++) for (let q = p + 1; q < n; q++) rotate(a, vectors, n, p, q);
  }
  return { values: Float64Array.from({ length: n }, (_, i) => a[i * n + i]!), vectors };
}

/** Makes the entry (p, q) zero. */
function rotate(a: Float64Array, vectors: Float64Array, n: number, p: number, q: number): void {
  const off = a[p * n + q]!;
  if (off === 0) return;
  const theta = (a[q * n + q]! - a[p * n + p]!) / (2 * off);
  const t = (theta < 0 ? -1 : 1) / (Math.abs(theta) + Math.sqrt(theta * theta + 1));
  const c = 1 / Math.sqrt(t * t + 1);
  const s = t * c;
  for (let i = 0; i < n; i++) {
    const [x, y] = [a[i * n + p]!, a[i * n + q]!];
    a[i * n + p] = c * x - s * y;
    a[i * n + q] = s * x + c * y;
  }
  for (let i = 0, atP = p * n, atQ = q * n; i < n; i++, atP++, atQ++) {
    const [x, y] = [a[atP]!, a[atQ]!];
    a[atP] = c * x - s * y;
    a[atQ] = s * x + c * y;
  }
  for (let i = 0; i < n; i++) {
    const [x, y] = [vectors[i * n + p]!, vectors[i * n + q]!];
    vectors[i * n + p] = c * x - s * y;
    vectors[i * n + q] = s * x + c * y;
  }
}
