/** Cubic convolution (Keys 1981, equation 4) with a = −0.5. */
function cubic(distance: number): number {
  const x = Math.abs(distance);
  if (x >= 2) return 0;
  return x < 1 ? (1.5 * x - 2.5) * x * x + 1 : ((-0.5 * x + 2.5) * x - 4) * x + 2;
}

/** Bicubic resize of a line, widened by the scale when shrinking, rows of sum 1; [to][from]. */
function cubicRows(from: number, to: number): number[][] {
  const scale = from / to;
  const support = Math.max(scale, 1);
  return Array.from({ length: to }, (_, i) => {
    const centre = (i + 0.5) * scale - 0.5;
    const weights = Array.from({ length: from }, (_, j) => cubic((j - centre) / support));
    const total = weights.reduce((a, b) => a + b, 0);
    return weights.map((weight) => weight / total);
  });
}

/**
 * A square grid of embeddings moved to another number of patches, as one matrix: bicubic and antialiased, as timm's
 * `resample_abs_pos_embed`, which is torch's `interpolate`.
 * @returns [to², from²], row-major
 */
export function positionMatrix(from: number, to: number): Float32Array {
  const rows = cubicRows(from, to);
  const matrix = new Float32Array(to ** 2 * from ** 2);
  let at = 0;
  for (const vertical of rows)
    for (const across of rows) for (const v of vertical) for (const h of across) matrix[at++] = v * h;
  return matrix;
}
