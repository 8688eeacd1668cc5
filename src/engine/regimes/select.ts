import { generator } from '../data/random.ts';

export interface TrainingLabel {
  readonly image: number;
  readonly class: number;
  readonly group: number;
}
export interface Fold {
  readonly train: readonly TrainingLabel[];
  readonly held: readonly TrainingLabel[];
}

export const FOLDS = 3;

/**
 * Folds of training labels for cross-validation. A class that would be missing from the training side of any fold makes
 * the choice meaningless: then there are no folds.
 */
export function foldsOf(labels: readonly TrainingLabel[], seed: number): Fold[] {
  const folds = spreadFolds(labels, seed, FOLDS);
  const classes = new Set(labels.map((label) => label.class)).size;
  const sound = folds.every(
    ({ train, held: part }) => part.length > 0 && new Set(train.map((label) => label.class)).size === classes,
  );
  return sound ? folds : [];
}

/** Folds with no group on both sides, classes spread as evenly as the groups allow. Some may hold nothing. */
export function spreadFolds(labels: readonly TrainingLabel[], seed: number, count: number): Fold[] {
  const byGroup = Map.groupBy(labels, ({ group }) => group);
  const names = [...byGroup.keys()].sort((a, b) => a - b);
  const shuffled = [...generator(seed, 'folds').permutation(names.length)].map((at) => names[at] as number);
  const size = (group: number): number => (byGroup.get(group) as TrainingLabel[]).length;
  // Large groups first: the small ones then even out.
  const groups = shuffled.sort((a, b) => size(b) - size(a));
  const counts = Array.from({ length: count }, () => new Map<number, number>());
  const held: TrainingLabel[][] = counts.map(() => []);
  for (const group of groups) {
    const members = byGroup.get(group) as TrainingLabel[];
    const crowding = (fold: number): number =>
      members.reduce((sum, label) => sum + (counts[fold]?.get(label.class) ?? 0), 0) +
      (held[fold]?.length ?? 0) / (labels.length + 1);
    const fold = counts.map((_, i) => i).reduce((best, i) => (crowding(i) < crowding(best) ? i : best), 0);
    for (const label of members) {
      held[fold]?.push(label);
      counts[fold]?.set(label.class, (counts[fold]?.get(label.class) ?? 0) + 1);
    }
  }
  return held.map((part) => {
    const out = new Set(part);
    return { held: part, train: labels.filter((label) => !out.has(label)) };
  });
}

/** How well held-out labels were told: share right, and mean −log probability of the truth. */
export interface FoldScore {
  readonly accuracy: number;
  readonly logLoss: number;
}

/** @param probabilities [labels.length, classes] */
export function scoreFold(probabilities: Float32Array, labels: readonly TrainingLabel[], classes: number): FoldScore {
  let right = 0;
  let loss = 0;
  labels.forEach((label, i) => {
    const row = probabilities.subarray(i * classes, (i + 1) * classes);
    if (row.indexOf(Math.max(...row)) === label.class) right++;
    loss -= Math.log(Math.max(1e-12, row[label.class] as number));
  });
  return { accuracy: right / labels.length, logLoss: loss / labels.length };
}

/** The candidate with the most right over all folds; of equals the one with the smaller loss, then the earlier one. */
export function best<T>(candidates: readonly { readonly name: T; readonly scores: readonly FoldScore[] }[]): T {
  const mean = (scores: readonly FoldScore[], key: keyof FoldScore): number =>
    scores.reduce((sum, score) => sum + score[key], 0) / scores.length;
  const [first, ...rest] = candidates;
  if (!first) throw new RangeError('nothing to choose from');
  return rest.reduce((leader, candidate) => {
    const gain = mean(candidate.scores, 'accuracy') - mean(leader.scores, 'accuracy');
    if (Math.abs(gain) > 1e-9) return gain > 0 ? candidate : leader;
    return mean(candidate.scores, 'logLoss') < mean(leader.scores, 'logLoss') - 1e-9 ? candidate : leader;
  }, first).name;
}
