/**
 * How well images unlike the training images are found, and how many of those like them are called so:
 *   npm run bench:unlike -- [--centred] <set>=<features.safetensors>=<project> <set>=<features.safetensors>=<project>
 *
 * Features as for `bench/more-labels.ts`. Per case: labels of all classes but one are drawn from the training side, and
 * the limit is calibrated on these alone, as a run does it. Then check images of these classes, images of the class
 * that was left out, and images of the other set are measured. AUROC: how often an image of the other kind is farther
 * than a check image. Centred: by the mean of unlabelled images first, as the probe does.
 */
import { parseArgs } from 'node:util';
import { generator } from '../src/engine/data/random.ts';
import { limitOf, nearestDistances, referencesOf } from '../src/engine/regimes/unlike.ts';
import { libraryOf, type Library } from './labelled-features.ts';

const { values, positionals } = parseArgs({ options: { centred: { type: 'boolean' } }, allowPositionals: true });
const repeats = 3;
const mostOthers = 500;

const sets: { readonly name: string; readonly library: Library }[] = [];
for (const word of positionals) {
  const [name, file, project] = word.split('=');
  sets.push({ name: name!, library: await libraryOf(file!, project!) });
}

/** What came of one draw of labels with one class left out. */
interface Case {
  readonly said: number;
  readonly like: number;
  readonly out: number;
  readonly away: number;
  readonly outRank: number;
  readonly awayRank: number;
}

const share = (distances: Float64Array, limit: number): number =>
  distances.filter((distance) => distance > limit).length / distances.length;

/** Share of pairs in which the other image is farther; half of equal ones. */
function auroc(like: Float64Array, others: Float64Array): number {
  const sorted = like.toSorted();
  /** Of the like ones, how many lie below, or at or below. */
  const below = (value: number, orAt: boolean): number => {
    let [from, to] = [0, sorted.length];
    while (from < to) {
      const middle = (from + to) >> 1;
      const isBelow = orAt ? sorted[middle]! <= value : sorted[middle]! < value;
      [from, to] = isBelow ? [middle + 1, to] : [from, middle];
    }
    return from;
  };
  const wins = others.reduce((sum, value) => sum + (below(value, false) + below(value, true)) / 2, 0);
  return wins / (like.length * others.length);
}

const mean = (values: readonly number[]): number => values.reduce((a, b) => a + b) / values.length;
const spread = (values: readonly number[]): number =>
  Math.sqrt(mean(values.map((value) => (value - mean(values)) ** 2)));
const percent = (value: number): string => `${(100 * value).toFixed(1)} %`.padStart(7);

console.log('                      called unlike                              AUROC');
console.log('set        per class  said    like them (sd)    left-out  other   left-out  other set');
for (const { name, library } of sets) {
  const { classes, training, check, mean: centre } = library;
  const rowsOf = (some: readonly { row: number }[], of: Library = library): Float32Array =>
    values.centred === true ? of.rowsOf(some).map((value, i) => value - centre[i % centre.length]!) : of.rowsOf(some);
  const other = sets.find((each) => each.name !== name)!;
  const strange = [...other.library.training, ...other.library.check];
  for (const k of [5, 10, 20]) {
    const cases: Case[] = [];
    for (let repeat = 0; repeat < repeats; repeat++) {
      for (let left = 0; left < classes; left++) {
        const random = generator(repeat, `unlike ${name} ${k} ${left}`);
        const some = <T>(list: readonly T[], most: number): T[] =>
          [...random.permutation(list.length).subarray(0, most)].map((at) => list[at]!);
        const labelled = Array.from({ length: classes }, (_, label) =>
          label === left
            ? []
            : some(
                training.filter((each) => each.label === label),
                k,
              ),
        ).flat();
        const groups = labelled.map((_, at) => at);
        const references = referencesOf(rowsOf(labelled), groups, random);
        const { limit, expected } = limitOf(references)!;
        const distances = (images: readonly { row: number; label: number }[], of: Library): Float64Array =>
          nearestDistances(references, rowsOf(images, of));
        const like = distances(
          check.filter(({ label }) => label !== left),
          library,
        );
        const out = distances(
          some(
            [...training, ...check].filter(({ label }) => label === left),
            mostOthers,
          ),
          library,
        );
        const away = distances(some(strange, mostOthers), other.library);
        cases.push({
          said: expected,
          like: share(like, limit),
          out: share(out, limit),
          away: share(away, limit),
          outRank: auroc(like, out),
          awayRank: auroc(like, away),
        });
      }
    }
    const of = (value: (each: Case) => number): number[] => cases.map(value);
    console.log(
      [
        name.padEnd(10),
        String(k).padStart(9),
        percent(mean(of(({ said }) => said))),
        percent(mean(of(({ like }) => like))),
        `(${percent(spread(of(({ like }) => like))).trim()})`.padStart(8),
        percent(mean(of(({ out }) => out))).padStart(9),
        percent(mean(of(({ away }) => away))),
        mean(of(({ outRank }) => outRank))
          .toFixed(3)
          .padStart(8),
        mean(of(({ awayRank }) => awayRank))
          .toFixed(3)
          .padStart(8),
      ].join(' '),
    );
  }
}
