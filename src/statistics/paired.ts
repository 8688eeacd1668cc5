import { meanOf } from './mean.ts';
import { crossedSpread, pseudoValues, ratioLeftOut, studentInterval, type Spread } from './intervals.ts';

/** One image that two models were asked about. */
export interface PairedImage {
  /** Whether each was right, 0 to 1: [draws][seeds], as many of them for every image. */
  readonly first: readonly (readonly number[])[];
  readonly second: readonly (readonly number[])[];
  /** Group (patient, slide, plate), or the image itself where there are none. */
  readonly cluster: number;
  /** 1 where none is weighted. */
  readonly weight: number;
}

/** Pseudo-values of a model's accuracy, [draws, seeds, clusters] row-major. */
interface Repeats {
  readonly values: Float64Array;
  readonly levels: readonly [draws: number, seeds: number, clusters: number];
}

/**
 * Mean paired difference of two models (second − first) on the same images, with a 95 % range.
 *
 * Images are shared, and where `sameDraws` the label draws too: what these change is told by the differences, cluster by
 * cluster and draw by draw, as in `crossedSpread`. Each model's seeds (and draws that are its own) are drawn anew for it
 * alone: of them the variance counts what the model's own scores tell beyond what is shared. Degrees of freedom weigh
 * these parts as `crossedSpread` weighs factors. A factor with one level is left out: nothing can be said about it.
 *
 * @returns −1..1 where all images are of one cluster
 */
export function pairedDifference(
  images: readonly PairedImage[],
  sameDraws: boolean,
): { mean: number; ci: [number, number] } {
  const [first, second] = [repeatsOf(images, 'first'), repeatsOf(images, 'second')];
  const clusters = first.levels[2];
  const mean = meanOver(images, 'second') - meanOver(images, 'first');
  if (clusters < 2) return { mean, ci: [-1, 1] };
  const shared = sameDraws ? [0, 2] : [2];
  const [before, after] = [over(first, shared), over(second, shared)];
  const levels = shared.map((factor) => second.levels[factor]!);
  const parts = [
    crossedSpread({ values: after.map((value, at) => value - before[at]!), levels }),
    ownSpread(first, shared),
    ownSpread(second, shared),
  ].filter(({ degrees }) => degrees > 0);
  const variance = parts.reduce((sum, part) => sum + part.variance, 0);
  const uncertainty = parts.reduce((sum, part) => sum + part.variance / part.degrees, 0);
  const degrees = uncertainty > 0 ? variance / uncertainty : Math.min(...parts.map((part) => part.degrees));
  return { mean, ci: [...studentInterval(mean, { variance, degrees }, [-1, 1])] };
}

function meanOver(images: readonly PairedImage[], side: 'first' | 'second'): number {
  let [right, all] = [0, 0];
  for (const { [side]: cells, weight } of images) {
    right += weight * meanOf(cells.map(meanOf));
    all += weight;
  }
  return right / all;
}

/** Accuracy of each draw and seed, without each cluster in turn, as pseudo-values. */
function repeatsOf(images: readonly PairedImage[], side: 'first' | 'second'): Repeats {
  const numbers = new Map([...new Set(images.map(({ cluster }) => cluster))].map((cluster, at) => [cluster, at]));
  const [draws, seeds, clusters] = [images[0]![side].length, images[0]![side][0]!.length, numbers.size];
  const values = new Float64Array(draws * seeds * clusters);
  const sizes = new Float64Array(clusters);
  for (const { cluster, weight } of images) sizes[numbers.get(cluster)!]! += weight;
  for (let draw = 0; draw < draws; draw++) {
    for (let seed = 0; seed < seeds; seed++) {
      const right = new Float64Array(clusters);
      for (const { [side]: cells, cluster, weight } of images) {
        right[numbers.get(cluster)!]! += weight * cells[draw]![seed]!;
      }
      const { value, without } = ratioLeftOut(right, sizes);
      values.set(pseudoValues(value, without), (draw * seeds + seed) * clusters);
    }
  }
  return { values, levels: [draws, seeds, clusters] };
}

/** Means over all factors but these, [kept factors] row-major. */
function over({ values, levels }: Repeats, kept: readonly number[]): Float64Array {
  const size = kept.reduce((product, factor) => product * levels[factor]!, 1);
  const sums = new Float64Array(size);
  const [, seeds, clusters] = levels;
  values.forEach((value, at) => {
    const place = [Math.floor(at / (seeds * clusters)), Math.floor(at / clusters) % seeds, at % clusters];
    sums[kept.reduce((to, factor) => to * levels[factor]! + place[factor]!, 0)]! += value;
  });
  return sums.map((sum) => (sum * size) / values.length);
}

/** What a model's own repeats add: all of its variance but that which shared factors have a part in. */
function ownSpread(model: Repeats, shared: readonly number[]): Spread {
  const own = [0, 1, 2].filter((factor) => !shared.includes(factor));
  const levels = (factors: readonly number[]): number[] => factors.map((factor) => model.levels[factor]!);
  const all = crossedSpread({ values: model.values, levels: model.levels });
  const ofShared = crossedSpread({ values: over(model, shared), levels: levels(shared) });
  const { degrees } = crossedSpread({ values: over(model, own), levels: levels(own) });
  return { variance: Math.max(0, all.variance - ofShared.variance), degrees };
}
