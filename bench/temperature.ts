/**
 * From how many labels on does correcting percentages by a temperature fitted on held-out labels do good?
 *   node bench/temperature.ts <set>=<features.safetensors>=<project> …
 *
 * Features as for `bench/more-labels.ts`. Per case: a probe on labels drawn from the training side, its temperature by
 * the folds that a run uses, and its percentages of check images as they are and corrected.
 */
import { parseArgs } from 'node:util';
import { generator } from '../src/engine/data/random.ts';
import { brier, ece, logLoss } from '../src/engine/evaluate/metrics.ts';
import { partialProbes } from '../src/engine/regimes/held-out.ts';
import { spreadFolds } from '../src/engine/regimes/select.ts';
import { atTemperature, fitTemperature } from '../src/statistics/temperature.ts';
import { libraryOf } from './labelled-features.ts';

const { positionals } = parseArgs({ allowPositionals: true });
const repeats = 10;
const folds = 10;
const mostChecks = 800;
const scores = { ece, logLoss, brier };

console.log('set        per class   T     ECE             log loss        Brier           log loss worse');
for (const word of positionals) {
  const [set, file, project] = word.split('=');
  const { classes, training, check, rowsOf, mean } = await libraryOf(file!, project!);
  const asked = [...generator(1, 'checks').permutation(check.length)].slice(0, mostChecks).map((at) => check[at]!);
  const truthOfAsked = asked.map(({ label }) => label);
  for (const k of [3, 5, 10, 20, 40]) {
    const sums = Object.fromEntries(Object.keys(scores).map((name) => [name, [0, 0]])) as Record<string, number[]>;
    let [temperatures, worse] = [0, 0];
    for (let repeat = 0; repeat < repeats; repeat++) {
      const shuffled = [...generator(repeat, `${set} ${k}`).permutation(training.length)].map((at) => training[at]!);
      const drawn = Array.from({ length: classes }, (_, label) =>
        shuffled.filter((each) => each.label === label).slice(0, k),
      ).flat();
      const truth = drawn.map(({ label }) => label);
      const probes = partialProbes(rowsOf(drawn), truth, classes, mean, rowsOf(asked));
      const labels = drawn.map(({ label }, image) => ({ image, class: label, group: image }));
      const parts = spreadFolds(labels, repeat, folds).filter(({ held }) => held.length > 0);
      const rows = (some: readonly { image: number }[]): number[] => some.map(({ image }) => image);
      const told = parts.flatMap(({ train, held }) => [...probes.fit(rows(train), rows(held), 'labels', 1e-4)]);
      const heldLabels = parts.flatMap(({ held }) => held.map((label) => label.class));
      const temperature = fitTemperature([told], heldLabels, classes);
      const before = probes.fit(rows(labels), [...asked.keys()], 'others');
      const after = atTemperature(before, classes, temperature);
      const of = (probabilities: Float64Array) => ({ labels: truthOfAsked, probabilities, classes });
      for (const [name, score] of Object.entries(scores))
        [before, after].forEach((each, i) => (sums[name]![i]! += score(of(each)) / repeats));
      temperatures += temperature / repeats;
      worse += logLoss(of(after)) > logLoss(of(before)) ? 1 : 0;
    }
    const change = Object.values(sums).map((both) => both.map((value) => value.toFixed(3)).join(' → '));
    console.log(
      `${set!.padEnd(10)} ${String(k).padStart(9)}   ${temperatures.toFixed(2)}  ${change.join('   ')}   ${worse} of ${repeats}`,
    );
  }
}
