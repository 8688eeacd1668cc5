import { centreOf, cluster, dot, nearest, rowAt, type Vectors } from './vectors.ts';

/** What suggestions follow from. Places are rows of `vectors`. */
export interface Material {
  readonly vectors: Vectors;
  /** Class index of each labelled row; -1 for the others. */
  readonly labels: Int32Array;
  readonly classes: number;
  /** Rows that may be suggested. */
  readonly candidates: Int32Array;
}
export type Why = 'typical' | 'unlike' | 'hesitates' | 'likely' | 'mislabelled';
export interface Suggestion {
  readonly at: number;
  readonly why: Why;
}

const neighbours = 20;
/** Up to so many labels per class the image space is covered first. */
const fewLabels = 20;
/** More clusters than this cost more than they tell. */
const mostClusters = 120;
const leastSize = 5;

/** What to label next: typical images of what is not covered yet while labels are few, then what the labels leave open. */
export function suggest(material: Material, wanted: number): Suggestion[] {
  const { labels, classes } = material;
  const labelled = labels.reduce((sum, label) => sum + (label >= 0 ? 1 : 0), 0);
  return labelled < fewLabels * Math.max(1, classes) ? typical(material, labelled, wanted) : hesitant(material, wanted);
}

/**
 * TypiClust (Hacohen, Dekel & Weinshall 2022, arXiv:2202.02794): as many clusters as labels and wishes together; from
 * the largest ones without a label the most typical image, the one with the highest mean likeness to its neighbours.
 */
function typical({ vectors, labels, candidates }: Material, labelled: number, wanted: number): Suggestion[] {
  const count = labels.length;
  const of = cluster(vectors, count, Math.min(mostClusters, labelled + wanted));
  const members = new Map<number, number[]>();
  const covered = new Map<number, number>();
  of.forEach((c, at) => {
    if (labels[at]! >= 0) covered.set(c, (covered.get(c) ?? 0) + 1);
  });
  for (const at of candidates) {
    const list = members.get(of[at]!) ?? [];
    list.push(at);
    members.set(of[at]!, list);
  }
  const order = [...members].sort(
    ([a, one], [b, other]) => (covered.get(a) ?? 0) - (covered.get(b) ?? 0) || other.length - one.length,
  );
  const ranked = order.map(([c, list]) => ({
    why: (covered.has(c) || list.length >= leastSize ? 'typical' : 'unlike') as Why,
    rest: byTypicality(vectors, list),
  }));
  const chosen: Suggestion[] = [];
  for (let turn = 0; chosen.length < wanted && ranked.some(({ rest }) => rest.length > turn); turn++) {
    for (const { why, rest } of ranked) {
      if (chosen.length < wanted && rest.length > turn) chosen.push({ at: rest[turn]!, why });
    }
  }
  return chosen;
}

/** A cluster is judged by this many of its images at most. */
const mostMembers = 500;

function byTypicality(vectors: Vectors, list: readonly number[]): number[] {
  const step = Math.max(1, Math.ceil(list.length / mostMembers));
  const sample = list.filter((_, i) => i % step === 0);
  const typicality = sample.map((at) => {
    const likeness = sample.flatMap((other) => (other === at ? [] : [dot(rowAt(vectors, at), rowAt(vectors, other))]));
    const near = likeness.sort((a, b) => b - a).slice(0, neighbours);
    return { at, mean: near.length === 0 ? 0 : near.reduce((sum, value) => sum + value, 0) / near.length };
  });
  return typicality.sort((a, b) => b.mean - a.mean || a.at - b.at).map(({ at }) => at);
}

/** Smallest margin between the two likeliest classes first; of images that look alike only one. */
function hesitant(material: Material, wanted: number): Suggestion[] {
  const { vectors, candidates } = material;
  const centres = classCentres(material);
  const margins = Array.from(candidates, (at) => {
    const likeness = centres.map((centre) => dot(rowAt(vectors, at), centre)).sort((a, b) => b - a);
    return { at, margin: (likeness[0] ?? 0) - (likeness[1] ?? 0) };
  }).sort((a, b) => a.margin - b.margin || a.at - b.at);
  const chosen: number[] = [];
  const tooAlike = 0.97;
  for (const { at } of margins) {
    if (chosen.length >= wanted) break;
    if (chosen.every((other) => dot(rowAt(vectors, at), rowAt(vectors, other)) < tooAlike)) chosen.push(at);
  }
  return chosen.map((at) => ({ at, why: 'hesitates' }));
}

function classCentres({ vectors, labels, classes }: Material, leave?: (at: number) => boolean): Float32Array[] {
  return Array.from({ length: classes }, (_, index) => {
    const members: number[] = [];
    labels.forEach((label, at) => {
      if (label === index && !leave?.(at)) members.push(at);
    });
    return centreOf(vectors, members);
  });
}

/** Candidates most like the labelled images of a class. */
export function likely(material: Material, index: number, wanted: number): Suggestion[] {
  const { vectors, candidates } = material;
  const centres = classCentres(material);
  return Array.from(candidates, (at) => {
    const row = rowAt(vectors, at);
    const others = centres.filter((_, other) => other !== index);
    return { at, score: dot(row, centres[index]!) - (others.length > 0 ? nearest(row, others).likeness : 0) };
  })
    .sort((a, b) => b.score - a.score || a.at - b.at)
    .slice(0, wanted)
    .map(({ at }) => ({ at, why: 'likely' }));
}

const folds = 5;

/** Labelled images that a model without their own fold calls something else, the surest first. */
export function mislabelled(material: Material, wanted: number): Suggestion[] {
  const { vectors, labels } = material;
  const found: { at: number; by: number }[] = [];
  const labelled = [...labels.keys()].filter((at) => labels[at]! >= 0);
  const foldOf = new Map(labelled.map((at, i) => [at, i % folds]));
  for (let fold = 0; fold < folds; fold++) {
    const centres = classCentres(material, (at) => foldOf.get(at) === fold);
    for (const at of labelled) {
      if (foldOf.get(at) !== fold) continue;
      const row = rowAt(vectors, at);
      const { at: called, likeness } = nearest(row, centres);
      if (called !== labels[at]) found.push({ at, by: likeness - dot(row, centres[labels[at]!]!) });
    }
  }
  return found
    .sort((a, b) => b.by - a.by || a.at - b.at)
    .slice(0, wanted)
    .map(({ at }) => ({ at, why: 'mislabelled' }));
}

/** Rows most like one of them. */
export function similar(vectors: Vectors, among: readonly number[], to: number, wanted: number): number[] {
  const row = rowAt(vectors, to);
  return among
    .map((at) => ({ at, likeness: dot(row, rowAt(vectors, at)) }))
    .sort((a, b) => b.likeness - a.likeness || a.at - b.at)
    .slice(0, wanted)
    .map(({ at }) => at);
}

/** An order in which rows that look alike stand together: cluster by cluster, each from its middle outwards. */
export function alikeTogether(vectors: Vectors, count: number): number[] {
  const of = cluster(vectors, count, Math.min(64, Math.max(1, Math.round(Math.sqrt(count / 2)))));
  const members = new Map<number, number[]>();
  of.forEach((c, at) => members.set(c, push(members.get(c), at)));
  const centres = new Map([...members].map(([c, list]) => [c, centreOf(vectors, list)]));
  const order: number[] = [];
  const left = new Set(members.keys());
  let at: number | undefined = [...left][0];
  while (at !== undefined) {
    left.delete(at);
    order.push(at);
    const here = centres.get(at)!;
    at = [...left].sort((a, b) => dot(here, centres.get(b)!) - dot(here, centres.get(a)!))[0];
  }
  return order.flatMap((c) =>
    members.get(c)!.sort((a, b) => dot(centres.get(c)!, rowAt(vectors, b)) - dot(centres.get(c)!, rowAt(vectors, a))),
  );
}

function push(list: number[] | undefined, at: number): number[] {
  const known = list ?? [];
  known.push(at);
  return known;
}
