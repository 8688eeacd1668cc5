/**
 * How often the intervals hold what is true: node bench/intervals.ts [repeats]
 * Simulated correctness, nothing is trained. Ends with the cells that miss what is asked of them.
 */
import { coverage, missed } from './intervals-simulation.ts';

const repeats = Number(process.argv[2] ?? 2000);
const percent = (share: number): string => (100 * share).toFixed(1).padStart(7);
console.log(`${repeats} repeats; columns in %`);
console.log('accuracy images groups draws  covers  one-arm  helped bootstrap half-width  misses');
const counts = { cells: 0, missed: 0, bootstrap: 0 };
for (const accuracy of [0.6, 0.9, 0.97]) {
  for (const images of [30, 118, 500]) {
    for (const groups of [0, 8, 12, 40]) {
      for (const draws of [3, 5, 10]) {
        const cell = { accuracy, images, groups, draws, gain: 0 };
        const found = coverage(cell, repeats);
        const { difference, arm, helped, bootstrap, halfWidth } = found;
        const misses = missed(cell, found);
        counts.cells += 1;
        counts.missed += misses.length > 0 ? 1 : 0;
        counts.bootstrap += missed(cell, { ...found, difference: bootstrap }).includes('covers') ? 1 : 0;
        const name =
          `${accuracy}`.padStart(8) + `${images}`.padStart(7) + `${groups}`.padStart(7) + `${draws}`.padStart(6);
        const numbers = [difference, arm, helped, bootstrap, halfWidth].map(percent).join(' ');
        console.log(`${name}${numbers}     ${misses.join(', ')}`.trimEnd());
      }
    }
  }
}
console.log(`${counts.missed} of ${counts.cells} cells miss; of the bootstrap's coverage ${counts.bootstrap} do.`);
