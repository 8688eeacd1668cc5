/**
 * Whether the maps of "Why this class?" say where a model looks: the deletion test (Petsiuk et al. 2018) on check images
 * of finished runs, in the map's order and in 19 orders by chance, and how long a map takes.
 *   npm run bench:why -- [--images 40] <set>=<project> …
 *
 * A project is made by `acclimate import <folder> --project <project>` and `acclimate run <project>`. The applied model
 * of its newest run is asked. Beside the map of the product (mean drop of the probability) stands one of the drop of
 * the log-odds.
 */
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { armNames, type ArmName } from '../src/contract/run-files.ts';
import { cellMeans, patchesOf } from '../src/engine/explain/cells.ts';
import { areaUnder, orderOf, randomOrders, removals, STEPS } from '../src/engine/explain/deletion.ts';
import { openApplied } from '../src/engine/jobs/applied.ts';
import { askCovered, readPicture } from '../src/engine/jobs/covered.ts';
import { createServices } from '../src/engine/jobs/default-services.ts';
import { withJob, type Job } from '../src/engine/jobs/job.ts';
import { why } from '../src/engine/jobs/why.ts';
import { verdictOf } from '../src/findings/why.ts';
import { crossedSpread, studentInterval } from '../src/statistics/intervals.ts';
import { ownSeat } from '../src/contract/seat.ts';

const { values, positionals } = parseArgs({ options: { images: { type: 'string' } }, allowPositionals: true });
const wanted = Number(values.images ?? 40);
const mean = (list: readonly number[]): number => list.reduce((sum, value) => sum + value, 0) / list.length;
const median = (list: readonly number[]): number => list.toSorted((a, b) => a - b)[Math.floor(list.length / 2)]!;
const share = (list: readonly boolean[]): string =>
  `${Math.round((100 * list.filter(Boolean).length) / list.length)} %`;
const services = createServices();

/** Areas under the deletion curves of one image. */
interface Areas {
  readonly map: number;
  readonly odds: number;
  readonly random: readonly number[];
}

async function areasOf(job: Job, arm: ArmName, id: number): Promise<Areas> {
  const image = job.run.image(id);
  const picture = await readPicture(job, image);
  const ask = askCovered(await openApplied(job, arm), picture, image, () => {});
  const patches = patchesOf(picture.grid);
  const slid = await ask([[], ...patches]);
  const classes = job.run.manifest.classes.length;
  const first = [...slid.subarray(0, classes)];
  const named = first.indexOf(Math.max(...first));
  const sure = patches.map((_, at) => slid[(at + 1) * classes + named]!);
  const whole = first[named]!;
  const odds = (p: number): number => Math.log(p) - Math.log(Math.max(1e-9, 1 - p));
  const drops = cellMeans(patches, sure.map((p) => whole - p)); // prettier-ignore
  const oddsDrops = cellMeans(patches, sure.map((p) => odds(whole) - odds(p))); // prettier-ignore
  const orders = [orderOf(drops), orderOf(oddsDrops), ...randomOrders(drops.length, id)];
  const removed = await ask([...orders.flatMap(removals), [...drops.keys()]]);
  const left = (at: number): number => removed[at * classes + named]!;
  const nothing = left(removed.length / classes - 1);
  const [map, byOdds, ...random] = orders.map((_, order) => {
    const steps = Array.from({ length: STEPS - 1 }, (_, step) => left(order * (STEPS - 1) + step));
    return areaUnder([whole, ...steps, nothing]);
  });
  return { map: map!, odds: byOdds!, random };
}

const context = { signal: new AbortController().signal, seat: ownSeat, progress: () => {} };
console.log(
  'set        model    images  map    log-odds  random  random − map            holds  hint  fails  seconds  processor',
);
for (const word of positionals) {
  const [set, project] = word.split('=') as [string, string];
  const runs = join(project, 'runs');
  const run = readdirSync(runs).sort().at(-1)!;
  const runFolder = join(runs, run);
  for (const arm of armNames.filter((name) => existsSync(join(runFolder, 'models', `deploy-${name}-0.safetensors`)))) {
    await withJob(services, { runFolder, device: 'auto' }, context, async (job) => {
      // From all over the check images.
      const stride = Math.max(1, Math.floor(job.usable.check.length / wanted));
      const images = job.usable.check.filter((_, at) => at % stride === 1 % stride).slice(0, wanted);
      const areas: Areas[] = [];
      for (const id of images) areas.push(await areasOf(job, arm, id));
      const seconds = { clock: [] as number[], processor: [] as number[] };
      for (const id of images.slice(0, 11)) {
        const [begun, used] = [performance.now(), process.cpuUsage()];
        await why(job, arm, job.run.image(id), null);
        seconds.clock.push((performance.now() - begun) / 1000);
        const { user, system } = process.cpuUsage(used);
        seconds.processor.push((user + system) / 1e6);
      }
      const gained = areas.map(({ map, random }) => mean(random) - map);
      const spread = crossedSpread({ values: Float64Array.from(gained), levels: [gained.length] });
      const [low, high] = studentInterval(mean(gained), spread, [-1, 1]);
      const verdicts = areas.map(({ map, random }) => {
        const area = { area: map, curve: [] };
        const beaten = random.filter((other) => map < other).length;
        return verdictOf({ deletion: { map: area, random: area, orders: random.length, beaten } });
      });
      console.log(
        [
          set.padEnd(10),
          arm.padEnd(8),
          String(images.length).padStart(6),
          mean(areas.map(({ map }) => map))
            .toFixed(3)
            .padStart(6),
          mean(areas.map(({ odds }) => odds))
            .toFixed(3)
            .padStart(9),
          mean(areas.map(({ random }) => mean(random)))
            .toFixed(3)
            .padStart(7),
          `${mean(gained).toFixed(3)} (${low.toFixed(3)} to ${high.toFixed(3)})`.padStart(24),
          ...(['holds', 'hint', 'fails'] as const).map((name) =>
            share(verdicts.map((each) => each === name)).padStart(6),
          ),
          median(seconds.clock).toFixed(2).padStart(8),
          median(seconds.processor).toFixed(2).padStart(10),
        ].join(' '),
      );
    });
  }
}
process.exit(0);
