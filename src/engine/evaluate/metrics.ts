/**
 * Scores of one set of predictions, in float64. A class that has no image among those scored has no precision, recall,
 * F1 or AUC (null); macro averages run over the classes that have one. Definitions follow scikit-learn, weights its
 * `sample_weight`.
 */

/** Labels and probabilities of the images that are scored. */
export interface Scored {
  /** Class index of each image. */
  readonly labels: ArrayLike<number>;
  /** Row-major [images, classes]. */
  readonly probabilities: ArrayLike<number>;
  readonly classes: number;
  /** How much each image counts, above 0; 1 each where absent. */
  readonly weights?: ArrayLike<number>;
}

/** What a row counts for. */
export const weightOf = ({ weights }: Pick<Scored, 'weights'>, row: number): number => (weights ? weights[row]! : 1);

/** Weight of all rows: their number where none is weighted. */
export function totalWeight(scored: Pick<Scored, 'labels' | 'weights'>): number {
  let total = 0;
  for (let i = 0; i < scored.labels.length; i++) total += weightOf(scored, i);
  return total;
}

export const eceBins = 15;

/** Class with the highest probability of image `row`; the first of equals. */
export function topClass({ probabilities, classes }: Omit<Scored, 'labels'>, row: number): number {
  let best = 0;
  for (let c = 1; c < classes; c++) {
    if (probabilities[row * classes + c]! > probabilities[row * classes + best]!) best = c;
  }
  return best;
}

/** Weights of images [classes][classes]: rows true, columns called. Counts where none is weighted. */
export function confusionMatrix(scored: Scored): number[][] {
  const sums = Array.from({ length: scored.classes }, () => new Array<number>(scored.classes).fill(0));
  for (let i = 0; i < scored.labels.length; i++) sums[scored.labels[i]!]![topClass(scored, i)]! += weightOf(scored, i);
  return sums;
}

export interface ClassScores {
  readonly precision: number | null;
  readonly recall: number | null;
  readonly f1: number | null;
}

/** From a confusion matrix. Precision is 0 for a class that is never called. */
export function classScores(confusion: readonly (readonly number[])[]): ClassScores[] {
  return confusion.map((row, c) => {
    const present = sum(row);
    if (present === 0) return { precision: null, recall: null, f1: null };
    const hits = row[c]!;
    const called = sum(confusion.map((other) => other[c]!));
    return { precision: called === 0 ? 0 : hits / called, recall: hits / present, f1: (2 * hits) / (present + called) };
  });
}

/** Mean recall over the classes present. */
export const balancedAccuracy = (confusion: readonly (readonly number[])[]): number =>
  meanOfPresent(classScores(confusion).map(({ recall }) => recall));

/** Mean F1 over the classes present. (scikit-learn also averages classes that are only called; those count 0 there.) */
export const macroF1 = (confusion: readonly (readonly number[])[]): number =>
  meanOfPresent(classScores(confusion).map(({ f1 }) => f1));

export function accuracy(confusion: readonly (readonly number[])[]): number {
  return sum(confusion.map((row, c) => row[c]!)) / sum(confusion.map(sum));
}

/** Matthews' correlation for several classes (Gorodkin 2004, equation 8); 0 where one side is constant. */
function matthews(confusion: readonly (readonly number[])[]): number {
  const rows = confusion.map(sum);
  const columns = confusion.map((_, c) => sum(confusion.map((row) => row[c]!)));
  const total = sum(rows);
  const covariance = sum(confusion.map((row, c) => row[c]!)) * total - sum(rows.map((n, c) => n * columns[c]!));
  const spread = (total ** 2 - sum(rows.map((n) => n * n))) * (total ** 2 - sum(columns.map((n) => n * n)));
  return spread === 0 ? 0 : covariance / Math.sqrt(spread);
}

/** Cohen's kappa from the counts of two raters (or of truth and calls); 1 where both always say the same one thing. */
function kappaOf(counts: readonly (readonly number[])[]): number {
  const total = sum(counts.map(sum));
  const agreed = sum(counts.map((row, c) => row[c]!)) / total;
  const expected = sum(counts.map((row, c) => sum(row) * sum(counts.map((other) => other[c]!)))) / total ** 2;
  return expected === 1 ? 1 : (agreed - expected) / (1 - expected);
}

/** Cohen's kappa of two raters over the same images (Cohen 1960). */
export function kappa(first: ArrayLike<number>, second: ArrayLike<number>, classes: number): number {
  const counts = Array.from({ length: classes }, () => new Array<number>(classes).fill(0));
  for (let i = 0; i < first.length; i++) counts[first[i]!]![second[i]!]!++;
  return kappaOf(counts);
}

/** Rows by falling probability of one class, for the two ranking scores. */
export function ranking({ labels, probabilities, classes }: Scored, positive: number): Int32Array {
  const order = Int32Array.from({ length: labels.length }, (_, i) => i);
  return order.sort((a, b) => probabilities[b * classes + positive]! - probabilities[a * classes + positive]!);
}

/**
 * Area under the ROC curve of one class against the rest: the probability that an image of the class ranks above one
 * of another, ties counting half (Mann–Whitney). Null where either side is empty.
 *
 * @param keep rows to count; all of them where absent
 */
export function classAuc(
  scored: Scored,
  positive: number,
  order: Int32Array = ranking(scored, positive),
  keep?: Uint8Array,
): number | null {
  const { labels, probabilities, classes } = scored;
  let positives = 0;
  let negatives = 0;
  let pairs = 0;
  for (let start = 0; start < order.length;) {
    const value = probabilities[order[start]! * classes + positive]!;
    let tiedPositives = 0;
    let tiedNegatives = 0;
    let end = start;
    for (; end < order.length && probabilities[order[end]! * classes + positive]! === value; end++) {
      const row = order[end]!;
      if (keep && !keep[row]) continue;
      if (labels[row] === positive) tiedPositives += weightOf(scored, row);
      else tiedNegatives += weightOf(scored, row);
    }
    pairs += tiedNegatives * (positives + tiedPositives / 2);
    positives += tiedPositives;
    negatives += tiedNegatives;
    start = end;
  }
  return positives === 0 || negatives === 0 ? null : pairs / (positives * negatives);
}

/** Average precision of one class against the rest: Σ (R_n − R_{n−1}) P_n over distinct scores. */
function averagePrecision(scored: Scored, positive: number): number | null {
  const { labels, probabilities, classes } = scored;
  const order = ranking(scored, positive);
  let seen = 0;
  let hits = 0;
  let area = 0;
  for (let at = 0; at < order.length;) {
    const value = probabilities[order[at]! * classes + positive]!;
    let tied = 0;
    for (; at < order.length && probabilities[order[at]! * classes + positive]! === value; at++) {
      const weight = weightOf(scored, order[at]!);
      seen += weight;
      if (labels[order[at]!] === positive) tied += weight;
    }
    hits += tied;
    area += (tied * hits) / seen;
  }
  return hits === 0 ? null : area / hits;
}

/** −ln of the true class's share of the row; probabilities are rescaled to sum to 1 and kept above float64's epsilon. */
export function surprise({ labels, probabilities, classes }: Scored, row: number): number {
  let total = 0;
  for (let c = 0; c < classes; c++) total += probabilities[row * classes + c]!;
  const share = probabilities[row * classes + labels[row]!]! / total;
  return -Math.log(Math.min(Math.max(share, Number.EPSILON), 1));
}

export function logLoss(scored: Scored): number {
  let total = 0;
  for (let i = 0; i < scored.labels.length; i++) total += weightOf(scored, i) * surprise(scored, i);
  return total / totalWeight(scored);
}

/** Sum over classes of squared differences of a row from the truth. */
export function squaredError({ labels, probabilities, classes }: Scored, row: number): number {
  let total = 0;
  for (let c = 0; c < classes; c++) {
    total += (probabilities[row * classes + c]! - (labels[row] === c ? 1 : 0)) ** 2;
  }
  return total;
}

/** Mean of the squared errors (Brier 1950). */
export function brier(scored: Scored): number {
  let total = 0;
  for (let i = 0; i < scored.labels.length; i++) total += weightOf(scored, i) * squaredError(scored, i);
  return total / totalWeight(scored);
}

/**
 * Expected calibration error on the top probability: equal-width bins (lower edge open, upper closed), mean of
 * |accuracy − confidence| weighted by images (Guo et al. 2017, equation 3).
 */
export function ece(scored: Scored, bins = eceBins, keep?: Uint8Array): number {
  const gaps = new Float64Array(bins);
  let images = 0;
  for (let i = 0; i < scored.labels.length; i++) {
    if (keep && !keep[i]) continue;
    const top = topClass(scored, i);
    const confidence = scored.probabilities[i * scored.classes + top]!;
    const bin = Math.min(bins - 1, Math.max(0, Math.ceil(confidence * bins) - 1));
    const weight = weightOf(scored, i);
    gaps[bin]! += weight * ((scored.labels[i] === top ? 1 : 0) - confidence);
    images += weight;
  }
  return gaps.reduce((total, gap) => total + Math.abs(gap), 0) / images;
}

/** Mean over the entries that are numbers; NaN where there is none. */
export function meanOfPresent(values: readonly (number | null)[]): number {
  const present = values.filter((value) => value !== null);
  return present.length === 0 ? NaN : sum(present) / present.length;
}

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);

/** Every score, under the names of the reference file `metrics.json`. */
export function computeAll(
  labels: readonly number[],
  probabilities: readonly (readonly number[])[],
  otherRater?: readonly number[],
  weights?: readonly number[],
): Record<string, number | null | (number | null)[] | number[][]> {
  const classes = probabilities[0]?.length ?? 0;
  const scored: Scored = {
    labels,
    probabilities: Float64Array.from(probabilities.flat()),
    classes,
    ...(weights && { weights }),
  };
  const confusion = confusionMatrix(scored);
  const perClass = classScores(confusion);
  const each = Array.from({ length: classes }, (_, c) => c);
  return {
    accuracy: accuracy(confusion),
    balanced_accuracy: balancedAccuracy(confusion),
    f1_macro: macroF1(confusion),
    f1_per_class: perClass.map(({ f1 }) => f1),
    precision: perClass.map(({ precision }) => precision),
    recall: perClass.map(({ recall }) => recall),
    auc_ovr_macro: meanOfPresent(each.map((c) => classAuc(scored, c))),
    average_precision: each.map((c) => averagePrecision(scored, c)),
    log_loss: logLoss(scored),
    mcc: matthews(confusion),
    confusion,
    [`ece_${eceBins}_equal_width`]: ece(scored),
    brier: brier(scored),
    ...(otherRater ? { kappa_vs_second_rater: kappa(labels, otherRater, classes) } : {}),
  };
}
