/** One step of the product, driven from standard input as `steps.py` is. Used by bench/peers.ts and bench/providers.ts. */
import { createInterface } from 'node:readline';
import { createProviderExecutor } from '../../src/engine/runtime/executor.ts';
import type { ProviderName } from '../../src/engine/runtime/providers.ts';
import { prepareStep } from './prepare-step.ts';

type Words = [work: string, backbone: string, batch: string, size: string, threads: string, provider?: ProviderName];

const [work, backbone, batch, size, threads, provider = 'cpu'] = process.argv.slice(2) as Words;
const run = await prepareStep({
  work,
  backbone,
  batch: Number(batch),
  size: Number(size),
  executor: await createProviderExecutor(provider, Number(threads)),
});
let count = 0;
for await (const line of createInterface({ input: process.stdin })) {
  const [word, steps] = line.split(' ');
  if (word === 'quit') break;
  const started = performance.now();
  for (let i = 0; i < Number(steps); i++) await run(count++);
  console.log((performance.now() - started) / 1000);
}
process.exit(0);
