/**
 * How often the range of a share holds what is true where several label draws answer about the same images:
 * node bench/pooled.ts [repeats]
 * Simulated answers, nothing is trained: images are hard or easy, draws better or worse, and of a bin each draw has some
 * of the images. The range over images and draws, as Trust makes it, beside one over images alone.
 */
import { generator } from '../src/engine/data/random.ts';
import { shareOf } from '../src/statistics/share.ts';

const repeats = Number(process.argv[2] ?? 1500);
const [centre, ofImages] = [1.5, 1.5];
const logistic = (x: number): number => 1 / (1 + Math.exp(-x));

/** Mean share of hits over draws and images. */
function truthOf(ofDraws: number, samples = 200_000): number {
  const normal = generator(1, 'truth').normal(2 * samples);
  let total = 0;
  for (let i = 0; i < samples; i++) {
    total += logistic(centre + ofDraws * normal[2 * i]! + ofImages * normal[2 * i + 1]!);
  }
  return total / samples;
}

console.log(`${repeats} repeats; coverage in %, mean width`);
console.log('images  draws  sd of draws  in bin   both         images alone');
for (const images of [40, 150]) {
  for (const draws of [3, 5, 10]) {
    for (const ofDraws of [0, 0.3, 0.6]) {
      const truth = truthOf(ofDraws);
      for (const inBin of [1, 0.4]) {
        const held = [0, 0];
        const width = [0, 0];
        for (let repeat = 0; repeat < repeats; repeat++) {
          const random = generator(repeat, `${images} ${draws} ${ofDraws} ${inBin}`);
          const [ease, skill] = [random.normal(images), random.normal(draws)];
          const [hit, within] = [random.uniform(images * draws), random.uniform(images * draws)];
          const answers = Array.from(hit, (chance, at) => {
            const [draw, image] = [Math.floor(at / images), at % images];
            const right = logistic(centre + ofDraws * skill[draw]! + ofImages * ease[image]!);
            return { image, draw, cluster: image, weight: 1, hit: chance < right };
          }).filter((_, at) => within[at]! < inBin);
          [answers, answers.map((answer) => ({ ...answer, draw: 0 }))].forEach((of, way) => {
            const [low, high] = shareOf(of)!.ci;
            held[way]! += low <= truth && truth <= high ? 1 : 0;
            width[way]! += high - low;
          });
        }
        const columns = [`${images}`.padStart(6), `${draws}`.padStart(6), `${ofDraws}`.padStart(12)];
        const found = held.map((n, way) => `${((100 * n) / repeats).toFixed(1)} ${(width[way]! / repeats).toFixed(3)}`);
        console.log(
          `${columns.join(' ')} ${`${inBin}`.padStart(7)}   ${found.map((text) => text.padEnd(12)).join(' ')}`.trimEnd(),
        );
      }
    }
  }
}
