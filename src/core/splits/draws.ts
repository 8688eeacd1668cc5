import { createHash } from 'node:crypto';
import { AppError } from '../../contract/errors.ts';
import type { Manifest } from '../../contract/run-files.ts';
import type { TrainingLabel } from './sides.ts';

export type Draw = Manifest['draws'][number];
type Classes = Manifest['classes'];

/** Share of the training labels in a `subsample` draw. */
const subsampleShare = 0.8;
/** Share of the labels a `repeated` draw holds out to score. */
const heldShare = 0.2;

interface DrawOptions {
  readonly draws: number;
  readonly seed: number;
}

/**
 * K training labels per class at random, without replacement, for each draw.
 * @throws AppError `labels.few` where a class has fewer than K
 */
export function shotsDraws(
  training: readonly TrainingLabel[],
  classes: Classes,
  { shots, ...options }: DrawOptions & { shots: number },
): Draw[] {
  assertEnough(training, classes, shots);
  return drawsPerClass(training, classes, options, 'shots', () => shots);
}

/**
 * A share of each class's training labels at random, rounded, at least one, for each draw. Draws of one seed are
 * nested: a larger share, or a larger K of `shotsDraws`, has the labels of a smaller one, so that what is compared
 * between them is more labels and not other ones.
 * @throws AppError `labels.few` where a class has none
 */
export function fractionDraws(
  training: readonly TrainingLabel[],
  classes: Classes,
  { fraction, ...options }: DrawOptions & { fraction: number },
): Draw[] {
  assertEnough(training, classes, 1);
  return drawsPerClass(training, classes, options, 'shots', shareOf(fraction));
}

/**
 * A stratified 80 % of the training labels for each draw, at least one per class.
 * @throws AppError `labels.few` where a class has fewer than 2
 */
export function subsampleDraws(training: readonly TrainingLabel[], classes: Classes, options: DrawOptions): Draw[] {
  assertEnough(training, classes, 2);
  return drawsPerClass(training, classes, options, 'subsample', shareOf(subsampleShare));
}

const shareOf =
  (share: number) =>
  (labels: number): number =>
    Math.max(1, Math.round(labels * share));

/** @param kept of the labels of a class, by how many there are */
function drawsPerClass(
  training: readonly TrainingLabel[],
  classes: Classes,
  { draws, seed }: DrawOptions,
  stream: string,
  kept: (labels: number) => number,
): Draw[] {
  const byClass = imagesByClass(training, classes);
  return times(draws, (draw) => ({
    train: byClass
      .flatMap((images) => shuffled(images, `${stream} ${seed} ${draw}`).slice(0, kept(images.length)))
      .sort(ascending),
  }));
}

/**
 * Repeated splits of all labels where too few check images are labelled: each draw holds out whole clusters (groups,
 * or images with their duplicates) until a fifth of the labels is held out, and trains on the rest. A cluster whose
 * leaving would take a class's last label from training stays in training.
 * @throws AppError `labels.few` where a class lies in one cluster only, `labels.noCheck` where nothing can be held out
 */
export function repeatedDraws(
  labels: readonly TrainingLabel[],
  classes: Classes,
  { draws, seed }: DrawOptions,
): Draw[] {
  const clusters = Map.groupBy(labels, ({ group }) => group);
  const target = Math.max(1, Math.round(labels.length * heldShare));
  return times(draws, (draw) => {
    const left = classes.map((_, index) => labels.filter((label) => label.class === index).length);
    const held = new Set<number>();
    let count = 0;
    for (const cluster of shuffled([...clusters.keys()], `repeated ${seed} ${draw}`)) {
      if (count >= target) break;
      const members = clusters.get(cluster) ?? [];
      const taken = classes.map((_, index) => members.filter((label) => label.class === index).length);
      if (taken.some((some, index) => some > 0 && some >= (left[index] as number))) continue;
      // A large group would hold out most of the labels.
      if (count > 0 && count + members.length > 2 * target) continue;
      taken.forEach((some, index) => (left[index] = (left[index] as number) - some));
      members.forEach(({ image }) => held.add(image));
      count += members.length;
    }
    if (!held.size) throw new AppError('labels.noCheck', { labels: labels.length, needed: 4 * classes.length });
    const images = labels.map(({ image }) => image);
    return {
      train: images.filter((image) => !held.has(image)).sort(ascending),
      score: images.filter((image) => held.has(image)).sort(ascending),
    };
  });
}

const ascending = (a: number, b: number): number => a - b;
const times = <T>(count: number, make: (index: number) => T): T[] => Array.from({ length: count }, (_, i) => make(i));

function imagesByClass(training: readonly TrainingLabel[], classes: Classes): number[][] {
  const byClass: number[][] = classes.map(() => []);
  for (const label of training) byClass[label.class]?.push(label.image);
  return byClass;
}

/** @throws AppError `labels.few` where a class has fewer labels than needed */
export function assertEnough(training: readonly TrainingLabel[], classes: Classes, needed: number): void {
  imagesByClass(training, classes).forEach((images, index) => {
    if (images.length < needed) {
      const name = classes[index]?.name ?? '';
      throw new AppError('labels.few', { class: name, labels: images.length, needed });
    }
  });
}

/** The ids in an order that depends on each id and the stream alone: one more label moves no other. */
function shuffled(ids: readonly number[], stream: string): number[] {
  return ids
    .map((id) => ({ id, key: createHash('sha256').update(`${stream} ${id}`).digest().readUIntBE(0, 6) }))
    .sort((a, b) => a.key - b.key || a.id - b.id)
    .map(({ id }) => id);
}
