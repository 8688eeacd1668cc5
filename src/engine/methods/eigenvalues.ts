/**
 * Eigenvalues of a real symmetric matrix, unsorted: Householder reduction to tridiagonal form, then QL with implicit
 * shifts (Wilkinson & Reinsch 1971, routines tred1 and imtql1). About 4/3·n³ operations.
 * @param matrix [n, n] row-major; only read
 */
export function symmetricEigenvalues(matrix: Float64Array, n: number): Float64Array {
  const { diagonal, beside } = tridiagonal(Float64Array.from(matrix), n);
  // Against the whole matrix: beside eigenvalues of 0, as Gram matrices have, nothing is small against its neighbours.
  const rounding =
    Number.EPSILON * diagonal.reduce((most, value, i) => Math.max(most, Math.abs(value) + Math.abs(at(beside, i))), 0);
  for (let first = 0; first < n; first++) {
    for (let sweep = 0; ; sweep++) {
      let last = first;
      while (last < n - 1 && Math.abs(at(beside, last)) > rounding) last++;
      if (last === first) break;
      if (sweep === 60) throw new Error('eigenvalues did not converge');
      implicitStep(diagonal, beside, first, last);
    }
  }
  return diagonal;
}

const at = (values: Float64Array, index: number): number => values[index] as number;

/** Overwrites `a`. `beside[i]` stands between diagonal entries i and i + 1. */
function tridiagonal(a: Float64Array, n: number): { diagonal: Float64Array; beside: Float64Array } {
  const diagonal = new Float64Array(n);
  const beside = new Float64Array(n);
  const v = new Float64Array(n);
  const p = new Float64Array(n);
  for (let k = 0; k < n - 1; k++) {
    diagonal[k] = at(a, k * n + k);
    let norm = 0;
    for (let i = k + 1; i < n; i++) norm = Math.hypot(norm, at(a, i * n + k));
    const head = at(a, (k + 1) * n + k);
    const alpha = head > 0 ? -norm : norm;
    beside[k] = alpha;
    // H = 1 − β·v·vᵀ maps the rest of column k to (α, 0, …).
    let length = 0;
    for (let i = k + 1; i < n; i++) {
      v[i] = at(a, i * n + k) - (i === k + 1 ? alpha : 0);
      length += at(v, i) ** 2;
    }
    if (length === 0) continue;
    const beta = 2 / length;
    let dot = 0;
    for (let i = k + 1; i < n; i++) {
      let sum = 0;
      for (let j = k + 1; j < n; j++) sum += at(a, i * n + j) * at(v, j);
      p[i] = beta * sum;
      dot += at(p, i) * at(v, i);
    }
    for (let i = k + 1; i < n; i++) p[i] = at(p, i) - ((beta * dot) / 2) * at(v, i);
    for (let i = k + 1; i < n; i++) {
      for (let j = k + 1; j < n; j++) {
        a[i * n + j] = at(a, i * n + j) - at(v, i) * at(p, j) - at(p, i) * at(v, j);
      }
    }
  }
  if (n > 0) diagonal[n - 1] = at(a, n * n - 1);
  return { diagonal, beside };
}

/** One QL step on rows first..last, with Wilkinson's shift. */
function implicitStep(diagonal: Float64Array, beside: Float64Array, first: number, last: number): void {
  const half = (at(diagonal, first + 1) - at(diagonal, first)) / (2 * at(beside, first));
  const root = Math.hypot(half, 1);
  let g = at(diagonal, last) - at(diagonal, first) + at(beside, first) / (half + (half >= 0 ? root : -root));
  let sine = 1;
  let cosine = 1;
  let moved = 0;
  for (let i = last - 1; i >= first; i--) {
    const f = sine * at(beside, i);
    const b = cosine * at(beside, i);
    const radius = Math.hypot(f, g);
    beside[i + 1] = radius;
    if (radius === 0) {
      diagonal[i + 1] = at(diagonal, i + 1) - moved;
      beside[last] = 0;
      return;
    }
    sine = f / radius;
    cosine = g / radius;
    g = at(diagonal, i + 1) - moved;
    const s = (at(diagonal, i) - g) * sine + 2 * cosine * b;
    moved = sine * s;
    diagonal[i + 1] = g + moved;
    g = cosine * s - b;
  }
  diagonal[first] = at(diagonal, first) - moved;
  beside[first] = g;
  beside[last] = 0;
}
