/**
 * A BYOL step and the embedding of backbones, one after the other, each in a process of its own: images per second,
 * the losses of the steps, the most memory it took. Weights are untrained and images made up.
 *
 *   npm run bench:backbones -- [--size 96] [--batch 32] [--steps 3] [--json <file>] <backbone> ...
 */
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { parseArgs } from 'node:util';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { createExecutor } from '../src/engine/runtime/executor.ts';
import { prepareStep } from './peers/prepare-step.ts';

const measuredSchema = z.object({
  prepareSeconds: z.number(),
  imagesPerSecond: z.number(),
  losses: z.array(z.number()),
  peakMegabytes: z.number(),
});
type Measured = z.infer<typeof measuredSchema>;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    size: { type: 'string', default: '96' },
    batch: { type: 'string', default: '32' },
    steps: { type: 'string', default: '3' },
    json: { type: 'string' },
    /** In a child: what is measured. */
    work: { type: 'string' },
  },
});
const [size, batch, steps] = [Number(values.size), Number(values.batch), Number(values.steps)];
const threads = cpus().length;

/** The first run is not timed. */
async function measure(work: string, backbone: string): Promise<Measured> {
  const executor = await createExecutor('onnx', { threads });
  const begun = performance.now();
  const step = await prepareStep({ work, backbone, batch, size, executor });
  const prepareSeconds = (performance.now() - begun) / 1000;
  const losses: number[] = [];
  const seconds: number[] = [];
  for (let i = 0; i <= steps; i++) {
    const started = performance.now();
    const { loss } = await step(i);
    seconds.push((performance.now() - started) / 1000);
    if (loss) losses.push(loss.data[0] as number);
  }
  const median = seconds.slice(1).toSorted((a, b) => a - b)[Math.floor(steps / 2)] as number;
  return {
    prepareSeconds,
    imagesPerSecond: batch / median,
    losses,
    peakMegabytes: process.resourceUsage().maxRSS / 1024,
  };
}

function inChild(work: string, backbone: string): Measured {
  const { size: side, batch: images, steps: times } = values;
  const options = ['--work', work, '--size', side, '--batch', images, '--steps', times];
  const words = [fileURLToPath(import.meta.url), ...options, backbone];
  const { stdout, status } = spawnSync(process.execPath, words, { stdio: ['ignore', 'pipe', 'inherit'] });
  if (status !== 0) throw new Error(`${work} of ${backbone} ended with ${status}`);
  return measuredSchema.parse(JSON.parse(String(stdout)));
}

if (values.work !== undefined) {
  console.log(JSON.stringify(await measure(values.work, positionals[0] as string)));
  process.exit(0);
}
const rows = positionals.map((backbone) => {
  const [byol, embed] = [inChild('byol', backbone), inChild('embed', backbone)];
  const shown = byol.losses.map((loss) => loss.toFixed(3)).join(', ');
  console.log(
    `${backbone} at ${size} px, ${batch} images: step ${byol.imagesPerSecond.toFixed(1)} images/s (losses ${shown}; ${byol.peakMegabytes.toFixed(0)} MB; ready after ${byol.prepareSeconds.toFixed(1)} s), embedding ${embed.imagesPerSecond.toFixed(1)} images/s`,
  );
  return { backbone, size, batch, byol, embed };
});
if (values.json) {
  const machine = { processor: cpus()[0]?.model, cores: threads, date: new Date().toISOString().slice(0, 10) };
  writeFileSync(values.json, `${JSON.stringify({ machine, rows }, null, 1)}\n`);
}
