/** One task over a library, timed from its first batch to its last. Used by bench/library.ts. */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import type { ManifestImage } from '../src/contract/run-files.ts';
import { ownSeat } from '../src/contract/seat.ts';
import { initialise } from '../src/engine/backbones/initialise.ts';
import { generator } from '../src/engine/data/random.ts';
import { createServices } from '../src/engine/jobs/default-services.ts';
import { deploy } from '../src/engine/jobs/deploy.ts';
import { embed } from '../src/engine/jobs/embed.ts';
import { withJob, type Job } from '../src/engine/jobs/job.ts';
import { embedPiece } from '../src/engine/jobs/library-features.ts';
import { predict } from '../src/engine/jobs/predict.ts';
import type { HostTree } from '../src/engine/nn/types.ts';
import { Programs, type EngineServices } from '../src/engine/jobs/services.ts';
import { libraryImage } from './library-image.ts';

const [work, runFolder, ...numbers] = process.argv.slice(2) as [string, string, ...string[]];
const [count, length, times] = numbers.map(Number) as [number, number, number];
const shipped = createServices();
/** Milliseconds: when each batch ended, how long it was computed, what the process had used of the processor by then. */
let batches: { end: number; computed: number; processor: number }[] = [];
const processor = (): number => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
};
let made: Promise<HostTree> | undefined;
const services: EngineServices = {
  ...shipped,
  programs: new Programs(),
  // Made once: a file of weights is read in a fraction of the time.
  weights: (backbone) => (made ??= Promise.resolve(initialise(backbone, generator(1, 'weights')))),
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
const inJob = <T>(task: (job: Job) => Promise<T>): Promise<T> =>
  withJob(services, { runFolder, device: 'cpu' }, context, task);

/** All images of the library, in pieces as core asks for them, each a call of the engine. */
async function inPieces(task: (job: Job, images: ManifestImage[], piece: number) => Promise<unknown>) {
  for (let from = 0; from < count; from += length) {
    const images = Array.from({ length: Math.min(length, count - from) }, (_, at) => libraryImage(from + at));
    await inJob((job) => task(job, images, from / length));
  }
}

await inJob<unknown>((job) => (work === 'embed' ? embed(job, 'plain', 0) : deploy(job, 'plain')));
for (let time = 0; time < times; time++) {
  batches = [];
  if (work === 'embed') {
    await inPieces((job, images, piece) => embedPiece(job, 'plain', 0, piece, images));
    rmSync(join(runFolder, 'features'), { recursive: true });
  } else {
    await inPieces((job, images) => predict(job, 'plain', images, join(runFolder, 'named.safetensors')));
  }
  const [first, ...others] = batches;
  // The first of several warms up.
  if (!first || (time === 0 && times > 1)) continue;
  const last = others.at(-1) ?? first;
  const spent = last.end - first.end;
  const images = count * (others.length / batches.length);
  const computed = others.reduce((sum, batch) => sum + batch.computed, 0);
  costs.push({
    perImage: spent / images,
    processor: (last.processor - first.processor) / images,
    idle: 1 - computed / spent,
  });
}
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
