/**
 * How often the range of "5 more labels per class would buy" holds what they bought:
 *   npm run bench:more-labels -- [--labels 3,5,10,20,30] <set>=<features.safetensors>=<project> …
 *
 * Features come from `acclimate import <set> --project <project>` and
 * `acclimate embed <project> --arm plain --size 96 --out <features.safetensors>`. Per case: labels are drawn at random
 * from the training side, check images from the check side; the curve is made as the product makes it, from the labels
 * at hand alone; then 5 more per class are drawn, and the gain on the same check images is what happened.
 */
import { parseArgs } from 'node:util';
import { generator } from '../src/engine/data/random.ts';
import { calledByOrders } from '../src/engine/regimes/orders.ts';
import { partialProbes } from '../src/engine/regimes/held-out.ts';
import { outlook, type CurvePoint } from '../src/statistics/learning-curve.ts';
import { wilson } from '../src/statistics/wilson.ts';
import { libraryOf } from './labelled-features.ts';

const { values, positionals } = parseArgs({ options: { labels: { type: 'string' } }, allowPositionals: true });
/** Labels per class at hand. */
const perClass = (values.labels ?? '3,5,10,20,30').split(',').map(Number);
const checks = [60, 200];
const repeats = 20;
const more = 5;
/** Draws below this one were looked at when the range was made. */
const firstSeed = 100;

let [cases, held] = [0, 0];
console.log('set        labels checks  covers  bought  said  half-width');
for (const word of positionals) {
  const [set, file, project] = word.split('=');
  const { classes, training, check, rowsOf, mean } = await libraryOf(file!, project!);
  for (const k of perClass) {
    for (const images of checks) {
      let [inside, bought, said, half] = [0, 0, 0, 0];
      for (let repeat = 0; repeat < repeats; repeat++) {
        const random = generator(firstSeed + repeat, `${set} ${k} ${images}`);
        const shuffled = [...random.permutation(training.length)].map((at) => training[at]!);
        const [now, later] = [k, k + more].map((n) =>
          Array.from({ length: classes }, (_, label) =>
            shuffled.filter((each) => each.label === label).slice(0, n),
          ).flat(),
        );
        const asked = [...random.permutation(check.length).subarray(0, images)].map((at) => check[at]!);
        const accuracy = (called: ArrayLike<number>): number =>
          asked.filter(({ label }, i) => called[i] === label).length / asked.length;
        const labels = now!.map(({ label }) => label);
        const probes = partialProbes(rowsOf(now!), labels, classes, mean, rowsOf(asked));
        const orders = calledByOrders(probes, labels, classes, asked.length, random);
        const points: CurvePoint[] = orders.steps.map((step, s) => ({
          labels: step,
          perOrder: orders.called.map((order) => accuracy(order[s]!)),
        }));
        const guess = outlook(points, more)!;
        const after = partialProbes(
          rowsOf(later!),
          later!.map(({ label }) => label),
          classes,
          mean,
          rowsOf(asked),
        );
        const every = later!.map((_, row) => row);
        const probabilities = after.fit(
          every,
          asked.map((_, i) => i),
          'others',
        );
        const called = asked.map((_, i) => {
          const row = probabilities.subarray(i * classes, (i + 1) * classes);
          return row.indexOf(Math.max(...row));
        });
        const gain = accuracy(called) - points.at(-1)!.perOrder[0]!;
        inside += guess.gain.ci[0] <= gain && gain <= guess.gain.ci[1] ? 1 : 0;
        bought += gain / repeats;
        said += guess.gain.mean / repeats;
        half += (guess.gain.ci[1] - guess.gain.ci[0]) / 2 / repeats;
      }
      cases += repeats;
      held += inside;
      const numbers = [inside / repeats, bought, said, half].map((value) => (100 * value).toFixed(1).padStart(7));
      console.log(`${set!.padEnd(10)} ${String(k).padStart(6)} ${String(images).padStart(6)} ${numbers.join(' ')}`);
    }
  }
}
const [low, high] = wilson(held, cases);
console.log(
  `${held} of ${cases} ranges held what happened: ${((100 * held) / cases).toFixed(1)} % (${(100 * low).toFixed(1)}–${(100 * high).toFixed(1)})`,
);
