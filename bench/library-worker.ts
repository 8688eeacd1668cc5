/** One job over a library, timed from its first batch to its last. Used by bench/library.ts. */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { ownSeat } from '../src/contract/seat.ts';
import { initialise } from '../src/engine/backbones/initialise.ts';
import { generator } from '../src/engine/data/random.ts';
import { createServices } from '../src/engine/jobs/default-services.ts';
import { deploy } from '../src/engine/jobs/deploy.ts';
import { embed } from '../src/engine/jobs/embed.ts';
import { withJob } from '../src/engine/jobs/job.ts';
import { predict } from '../src/engine/jobs/predict.ts';
import { Programs, type EngineServices } from '../src/engine/jobs/services.ts';

const [work, runFolder, times] = process.argv.slice(2) as [string, string, string];
const shipped = createServices();
/** Milliseconds: when each batch ended, how long it was computed, what the process had used of the processor by then. */
let batches: { end: number; computed: number; processor: number }[] = [];
const processor = (): number => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
};
const services: EngineServices = {
  ...shipped,
  programs: new Programs(),
  weights: (backbone) => Promise.resolve(initialise(backbone, generator(1, 'weights'))),
  async executor(...choice) {
    const inner = await shipped.executor(...choice);
    return {
      name: inner.name,
      dispose: () => inner.dispose(),
      async compile(program) {
        const compiled = await inner.compile(program);
        return {
          load: (state) => compiled.load(state),
          read: () => compiled.read(),
          dispose: () => compiled.dispose(),
          async run(inputs) {
            const begun = performance.now();
            const metrics = await compiled.run(inputs);
            batches.push({ end: performance.now(), computed: performance.now() - begun, processor: processor() });
            return metrics;
          },
        };
      },
    };
  },
};
const context = { signal: new AbortController().signal, seat: ownSeat, progress: () => {} };
const costs: { perImage: number; processor: number; idle: number }[] = [];
await withJob(services, { runFolder, device: 'cpu' }, context, async (job) => {
  const all = job.run.manifest.images;
  const features = job.run.paths.features('plain', 0);
  // A run whose labels are all the images it names; the library is what is applied to.
  const learned = { ...job, usable: { ...job.usable, check: job.usable.training.map(({ image }) => image) } };
  if (work === 'predict') await deploy(learned, 'plain');
  for (let time = 0; time < Number(times); time++) {
    batches = [];
    if (work === 'embed') {
      rmSync(features, { force: true });
      await embed(job, 'plain', 0);
    } else await predict(learned, 'plain', all, join(runFolder, 'named.safetensors'));
    const [first, ...others] = batches;
    // The first of several warms up.
    if (!first || (time === 0 && Number(times) > 1)) continue;
    const last = others.at(-1) ?? first;
    const spent = last.end - first.end;
    const images = all.length * (others.length / batches.length);
    const computed = others.reduce((sum, batch) => sum + batch.computed, 0);
    costs.push({
      perImage: spent / images,
      processor: (last.processor - first.processor) / images,
      idle: 1 - computed / spent,
    });
  }
});
const middle = (list: readonly number[]): number => list.toSorted((a, b) => a - b)[Math.floor(list.length / 2)] ?? NaN;
console.log(
  JSON.stringify({
    microsecondsPerImage: 1000 * middle(costs.map(({ perImage }) => perImage)),
    processorMicrosecondsPerImage: 1000 * middle(costs.map((cost) => cost.processor)),
    idleShare: middle(costs.map(({ idle }) => idle)),
    peakMegabytes: process.resourceUsage().maxRSS / 1024,
  }),
);
process.exit(0);
