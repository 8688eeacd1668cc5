/**
 * How often the intervals hold what is true: node bench/intervals.ts [repeats]
 * Simulated correctness, nothing is trained.
 */
import { coverage } from './intervals-simulation.ts';

const repeats = Number(process.argv[2] ?? 500);
const percent = (share: number | null): string => (share === null ? '–' : (100 * share).toFixed(1)).padStart(7);
console.log(`${repeats} repeats; columns in %`);
console.log('accuracy images groups draws  covers  one-arm  helped bootstrap half-width');
for (const accuracy of [0.6, 0.9, 0.97]) {
  for (const images of [118, 500]) {
    for (const groups of [0, 8, 40]) {
      for (const draws of [3, 5, 10]) {
        const cell = { accuracy, images, groups, draws, gain: 0 };
        const { difference, arm, helped, bootstrap, halfWidth } = coverage(cell, repeats, true);
        const name =
          `${accuracy}`.padStart(8) + `${images}`.padStart(7) + `${groups}`.padStart(7) + `${draws}`.padStart(6);
        console.log(name + [difference, arm, helped, bootstrap, halfWidth].map(percent).join(' '));
      }
    }
  }
}
