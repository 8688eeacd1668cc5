/**
 * How fast each provider of this machine is beside the processor, in steps as they are trained: BYOL, fine-tuning and
 * embedding at 96 px. Providers take turns, and what counts is the median of the ratios of neighbours.
 *
 *   npm run bench:providers -- [--providers webgpu,cuda] [--only byol] [--pairs 3] [--json <file>]
 */
import { writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { parseArgs } from 'node:util';
import { fileURLToPath } from 'node:url';
import { providers } from '../src/engine/runtime/providers.ts';
import { physicalCores } from '../src/engine/runtime/cores.ts';
import { contest, contestant } from './peers/contest.ts';

const { values } = parseArgs({
  options: {
    providers: { type: 'string' },
    only: { type: 'string', default: '' },
    pairs: { type: 'string', default: '3' },
    json: { type: 'string' },
  },
});
const asked = values.providers?.split(',');
const tried = providers.filter(({ name, missing }) =>
  asked ? asked.includes(name) : name !== 'cpu' && missing() === null,
);
const size = '96';
const threads = String(physicalCores());
const script = fileURLToPath(new URL('peers/step-worker.ts', import.meta.url));
const cases = [
  ['byol', 'efficientnet-lite0', 64],
  ['byol', 'resnet18', 64],
  ['finetune', 'efficientnet-lite0', 32],
  ['finetune', 'resnet18', 32],
  ['finetune', 'bit-resnet50x1', 32],
  ['embed', 'efficientnet-lite0', 32],
  ['embed', 'resnet18', 32],
] as const;

const rows: Record<string, unknown>[] = [];
console.log('| work | backbone | batch | provider | images/s | of the processor (least–most) | first step, s |');
console.log('|---|---|---|---|---|---|---|');
for (const [work, backbone, batch] of cases.filter(([work, name]) => `${work} ${name}`.includes(values.only)))
  for (const { name } of tried) {
    const worker = (provider: string) =>
      contestant(provider, process.execPath, [script, work, backbone, String(batch), size, threads, provider]);
    const times = 2;
    try {
      const result = await contest(worker(name), [worker('cpu')], {
        times,
        images: times * batch,
        pairs: Number(values.pairs),
      });
      const [cpu] = result.peers;
      const [least, most] = cpu!.spread.map((ratio) => ratio.toFixed(2));
      console.log(
        `| ${work} | ${backbone} | ${batch} | ${name} | ${result.imagesPerSecond.toFixed(0)} | ` +
          `${cpu!.ratio.toFixed(2)} (${least}–${most}) | ${result.startSeconds.toFixed(1)} |`,
      );
      rows.push({ work, backbone, batch, provider: name, ...result });
    } catch (error) {
      const problem = error instanceof Error ? error.message : String(error);
      console.log(`| ${work} | ${backbone} | ${batch} | ${name} | ${problem} | | |`);
      rows.push({ work, backbone, batch, provider: name, problem });
    }
  }
if (values.json) {
  const machine = {
    processor: cpus()[0]?.model,
    threads: Number(threads),
    date: new Date().toISOString().slice(0, 10),
  };
  writeFileSync(values.json, `${JSON.stringify({ machine, rows }, null, 1)}\n`);
}
process.exit(0);
