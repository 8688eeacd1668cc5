import { balancedWeights, solveLogistic, spanOf, timesTransposed, type Samples } from './logistic.ts';
import { normaliseFeatures } from './probe.ts';

/** Probes fitted on parts of the same labels. */
export interface PartialProbes {
  /**
   * Fits a probe on some of the labels.
   * @param part rows of the labels
   * @param asked rows of the labels, or of the other images, whose probabilities are wanted
   * @param tolerance largest entry of the gradient of the mean loss at the end; by default as exact as the probe
   * @returns [asked.length, classes]; 0 for a class without a label in the part
   */
  fit(part: readonly number[], asked: readonly number[], of: 'labels' | 'others', tolerance?: number): Float64Array;
}

/**
 * The probe on many parts of the same labels. What they share, the span of all features, is found once; in its
 * coordinates a fit takes milliseconds. The optimum of a part lies in the span of its rows, so nothing is lost
 * (see `fitLogistic`).
 * @param features [n, d] pooled features of the labels
 * @param truth n class numbers
 * @param others [m, d] features of images to be named
 * @param mean [d] what features are centred by
 */
export function partialProbes(
  features: Float32Array,
  truth: readonly number[],
  classes: number,
  mean: Float32Array,
  others: Float32Array = new Float32Array(),
): PartialProbes {
  const full = normaliseFeatures(features, mean);
  const otherRows = normaliseFeatures(others, mean);
  const basis = full.rows < full.columns / 2 ? spanOf(full) : null;
  const rows = {
    labels: basis ? timesTransposed(full, basis) : full,
    others: basis ? timesTransposed(otherRows, basis) : otherRows,
  };
  return {
    fit(part, asked, of, tolerance) {
      const samples = pick(rows.labels, part);
      const present = [...new Set(part.map((row) => truth[row]!))].sort((a, b) => a - b);
      const local = Int32Array.from(part, (row) => present.indexOf(truth[row]!));
      const weights = balancedWeights(local, present.length);
      const { weight, bias } = solveLogistic(samples, local, weights, present.length, 1, tolerance);
      const out = new Float64Array(asked.length * classes);
      const { data, columns } = pick(rows[of], asked);
      for (let i = 0; i < asked.length; i++) {
        const scores = Array.from(present, (_, k) => {
          let score = bias[k]!;
          for (let j = 0; j < columns; j++) score += weight[k * columns + j]! * data[i * columns + j]!;
          return score;
        });
        const most = Math.max(...scores);
        const total = scores.reduce((sum, score) => sum + Math.exp(score - most), 0);
        present.forEach((label, k) => (out[i * classes + label] = Math.exp(scores[k]! - most) / total));
      }
      return out;
    },
  };
}

function pick({ data, columns }: Samples, wanted: readonly number[]): Samples {
  const picked = new Float64Array(wanted.length * columns);
  wanted.forEach((row, i) => picked.set(data.subarray(row * columns, (row + 1) * columns), i * columns));
  return { data: picked, rows: wanted.length, columns };
}
