import { symmetricEigenvalues } from './eigenvalues.ts';

/** Rows of features, row-major. */
export interface Rows {
  readonly data: Float32Array;
  readonly count: number;
  readonly width: number;
}

const rankSamples = 512;
const neighbourSamples = 1000;
/** Softness of the neighbours' votes (Wu et al. 2018, section 3.4). */
const voteTemperature = 0.07;

function* rowIndices(count: number, most: number): Generator<number> {
  const stride = Math.max(1, Math.ceil(count / most));
  for (let i = 0; i < count; i += stride) yield i;
}

/** The rows of these indices as float64 copies. */
function gather({ data, width }: Rows, indices: readonly number[]): Float64Array[] {
  return indices.map((i) => Float64Array.from(data.subarray(i * width, (i + 1) * width)));
}

const dot = (a: Float64Array, b: Float64Array): number => {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += (a[i] as number) * (b[i] as number);
  return sum;
};

function toUnitLength(rows: readonly Float64Array[]): void {
  for (const row of rows) {
    const length = Math.sqrt(dot(row, row));
    if (length > 0) row.forEach((value, j) => (row[j] = value / length));
  }
}

function centre(rows: readonly Float64Array[], width: number): void {
  for (let j = 0; j < width; j++) {
    const mean = rows.reduce((sum, row) => sum + (row[j] as number), 0) / rows.length;
    for (const row of rows) row[j] = (row[j] as number) - mean;
  }
}

/**
 * Standard deviation of unit-length rows per dimension, averaged, times √width: about 1 when directions are spread
 * evenly, 0 when all embeddings are one (Chen & He 2021, section 4.1).
 */
export function embeddingStd(rows: Rows): number {
  const vectors = gather(rows, [...rowIndices(rows.count, rows.count)]);
  toUnitLength(vectors);
  centre(vectors, rows.width);
  let total = 0;
  for (let j = 0; j < rows.width; j++) {
    total += Math.sqrt(vectors.reduce((sum, row) => sum + (row[j] as number) ** 2, 0) / rows.count);
  }
  return (total / rows.width) * Math.sqrt(rows.width);
}

/**
 * exp of the entropy of the normalised singular values of the centred rows (Roy & Vetterli 2007, equation 4):
 * how many directions the embeddings really use. At most 512 rows are looked at.
 */
export function effectiveRank(rows: Rows): number {
  const vectors = gather(rows, [...rowIndices(rows.count, rankSamples)]);
  centre(vectors, rows.width);
  const n = vectors.length;
  const gram = new Float64Array(n * n);
  for (let i = 0; i < n; i++) {
    for (let j = 0; j <= i; j++) {
      gram[i * n + j] = gram[j * n + i] = dot(vectors[i] as Float64Array, vectors[j] as Float64Array);
    }
  }
  if (!gram.every(Number.isFinite)) return Number.NaN;
  const eigenvalues = symmetricEigenvalues(gram, n);
  const floor = Math.max(...eigenvalues) * n * Number.EPSILON;
  const singular = [...eigenvalues].filter((value) => value > floor).map(Math.sqrt);
  const total = singular.reduce((a, b) => a + b, 0);
  if (total === 0) return 0;
  return Math.exp(-singular.reduce((sum, value) => sum + (value / total) * Math.log(value / total), 0));
}

export interface LabelledRows extends Rows {
  readonly labels: ArrayLike<number>;
  readonly groups: ArrayLike<number>;
}

/**
 * Accuracy of k nearest neighbours by cosine of centred rows, each image voted on only by images of other groups;
 * votes weigh exp(cos / 0.07). k is the mean number of labels per class, at most 20. At most 1000 images are looked at.
 * @returns null where fewer than 10 images have their class in another group, or there is one class
 */
export function knnAccuracy(rows: LabelledRows): number | null {
  const indices = [...rowIndices(rows.count, neighbourSamples)];
  const label = (i: number): number => rows.labels[indices[i] as number] as number;
  const group = (i: number): number => rows.groups[indices[i] as number] as number;
  const classes = new Set(indices.map((_, i) => label(i)));
  if (classes.size < 2) return null;
  const k = Math.max(1, Math.min(20, Math.round(indices.length / classes.size)));
  const vectors = gather(rows, indices);
  centre(vectors, rows.width);
  toUnitLength(vectors);
  let scored = 0;
  let right = 0;
  vectors.forEach((vector, i) => {
    const others = indices.flatMap((_, j) => (group(j) === group(i) ? [] : [j]));
    if (!others.some((j) => label(j) === label(i))) return;
    const nearest = others
      .map((j) => ({ label: label(j), cosine: dot(vector, vectors[j] as Float64Array) }))
      .sort((a, b) => b.cosine - a.cosine)
      .slice(0, k);
    const votes = new Map<number, number>();
    for (const { label: vote, cosine } of nearest) {
      votes.set(vote, (votes.get(vote) ?? 0) + Math.exp(cosine / voteTemperature));
    }
    const winner = [...votes].reduce((best, vote) => (vote[1] > best[1] ? vote : best));
    scored++;
    if (winner[0] === label(i)) right++;
  });
  return scored < 10 ? null : right / scored;
}
