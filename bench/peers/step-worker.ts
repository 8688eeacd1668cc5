/** One step of the product, driven from standard input as `steps.py` is. Used by bench/peers.ts. */
import { createInterface } from 'node:readline';
import { createExecutor } from '../../src/engine/runtime/executor.ts';
import { prepareStep } from './prepare-step.ts';

const [work, backbone, batch, size, threads] = process.argv.slice(2) as [string, string, string, string, string];
const run = await prepareStep({
  work,
  backbone,
  batch: Number(batch),
  size: Number(size),
  executor: await createExecutor('onnx', { threads: Number(threads) }),
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
