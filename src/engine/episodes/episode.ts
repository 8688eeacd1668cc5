import { AppError } from '../../contract/errors.ts';
import type { Generator } from '../data/random.ts';
import { normaliseFeatures } from '../regimes/probe.ts';
import type { TrainingLabel } from '../regimes/select.ts';

/** A few-shot task: `way` classes with `shots` labels each to learn from, and up to `queries` each to be tested on. */
export interface EpisodeShape {
  readonly way: number;
  readonly shots: number;
  readonly queries: number;
}

export interface Episode {
  readonly support: readonly TrainingLabel[];
  readonly query: readonly TrainingLabel[];
}

/** An episode in which a class has nothing to be tested on is drawn anew, so often. */
const ATTEMPTS = 20;

/**
 * Draws an episode (Vinyals et al. 2016, section 4). No group is on both sides; a class may get fewer queries for it.
 * @throws AppError `rank.few`
 */
export function drawEpisode(
  labels: readonly TrainingLabel[],
  { way, shots, queries }: EpisodeShape,
  random: Generator,
): Episode {
  const byClass = [...Map.groupBy(labels, (label) => label.class)].filter(([, of]) => of.length > shots);
  const few = () => new AppError('rank.few', { way, needed: shots + 1, classes: byClass.length });
  if (byClass.length < way) throw few();
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const classes = [...random.permutation(byClass.length).subarray(0, way)].map((at) => {
      const [, of] = byClass[at] as (typeof byClass)[number];
      return [...random.permutation(of.length)].map((i) => of[i] as TrainingLabel);
    });
    const support = classes.flatMap((of) => of.slice(0, shots));
    const groups = new Set(support.map(({ group }) => group));
    const tested = classes.map((of) =>
      of
        .slice(shots)
        .filter(({ group }) => !groups.has(group))
        .slice(0, queries),
    );
    if (tested.every((of) => of.length > 0)) return { support, query: tested.flat() };
  }
  throw few();
}

/**
 * Prototypical networks without training (Snell et al. 2017, equations 1 and 2): the class whose mean feature is
 * nearest by squared Euclidean distance. Features are centred and of one length, as for the probe.
 * @param rows pooled features of images, [n, mean.length]
 * @returns the class of each query
 */
export function nearestPrototype(
  { support, query }: Episode,
  rows: (ids: readonly number[]) => Float32Array,
  mean: Float32Array,
): number[] {
  const featuresOf = (labels: readonly TrainingLabel[]) =>
    normaliseFeatures(rows(labels.map(({ image }) => image)), mean);
  const known = featuresOf(support);
  const width = known.columns;
  const prototypes = new Map<number, Float64Array>();
  const counts = Map.groupBy(support, (label) => label.class);
  support.forEach((label, i) => {
    const sum = prototypes.get(label.class) ?? new Float64Array(width);
    const share = 1 / (counts.get(label.class) as TrainingLabel[]).length;
    for (let j = 0; j < width; j++) sum[j] = (sum[j] as number) + share * (known.data[i * width + j] as number);
    prototypes.set(label.class, sum);
  });
  const asked = featuresOf(query);
  return query.map((_, i) => {
    let found = { class: -1, distance: Infinity };
    for (const [name, prototype] of prototypes) {
      let distance = 0;
      for (let j = 0; j < width; j++)
        distance += ((asked.data[i * width + j] as number) - (prototype[j] as number)) ** 2;
      if (distance < found.distance) found = { class: name, distance };
    }
    return found.class;
  });
}
