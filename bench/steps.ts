/**
 * Images per second and peak memory of the BYOL step and the fine-tune step, beside PyTorch in one run.
 *
 *   npm run bench:steps -- [--python <interpreter with torch and timm>] [--json <file>] [--pairs 5]
 *
 * Each pair runs our step and the peer's one after the other; the ratio is the median over pairs, as the machine's
 * clock changes. Our step computes the views in the graph; the peer is given its views.
 */
import { spawn } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { createInterface } from 'node:readline';
import { parseArgs } from 'node:util';
import { fileURLToPath } from 'node:url';

const { values } = parseArgs({
  options: {
    python: { type: 'string' },
    json: { type: 'string' },
    pairs: { type: 'string', default: '5' },
    steps: { type: 'string', default: '2' },
    only: { type: 'string' },
  },
});
const threads = String(cpus().length);
const path = (name: string): string => fileURLToPath(new URL(name, import.meta.url));

interface Contestant {
  time(steps: number): Promise<number>;
  peakMegabytes(): number;
  end(): void;
}

/** Peak resident memory of a live process in MB (Linux). */
const peakOf = (pid: number): number =>
  Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? NaN) / 1024;

function contestant(command: string, words: string[]): Contestant {
  const child = spawn(command, words, { stdio: ['pipe', 'pipe', 'inherit'] });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  return {
    async time(steps) {
      child.stdin.write(`go ${steps}\n`);
      const line = await lines.next();
      if (line.done) throw new Error(`${command} ended`);
      return Number(line.value);
    },
    peakMegabytes: () => peakOf(child.pid as number),
    end: () => child.stdin.end('quit\n'),
  };
}

const median = (numbers: number[]): number => {
  const sorted = numbers.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2
    ? (sorted[middle] as number)
    : ((sorted[middle - 1] as number) + (sorted[middle] as number)) / 2;
};

const cases = [
  { step: 'byol', backbone: 'efficientnet-lite0', timm: 'tf_efficientnet_lite0', batch: 64 },
  { step: 'byol', backbone: 'resnet18', timm: 'resnet18', batch: 32 },
  { step: 'finetune', backbone: 'efficientnet-lite0', timm: 'tf_efficientnet_lite0', batch: 32 },
  { step: 'finetune', backbone: 'resnet18', timm: 'resnet18', batch: 32 },
].filter(({ step, backbone }) => !values.only || values.only === `${step}/${backbone}`);
const modes = values.python ? ['eager', 'channels-last'] : [];
const steps = Number(values.steps);

const rows = [];
for (const { step, backbone, timm, batch } of cases) {
  const ours = contestant(process.execPath, [path('steps-worker.ts'), step, backbone, String(batch), '96', threads]);
  const peers = modes.map((mode) =>
    contestant(values.python as string, [path('peers/steps.py'), step, timm, String(batch), '96', mode, threads]),
  );
  for (const one of [ours, ...peers]) await one.time(2);
  const times = { ours: [] as number[], peers: modes.map(() => [] as number[]) };
  for (let pair = 0; pair < Number(values.pairs); pair++) {
    times.ours.push(await ours.time(steps));
    for (const [i, peer] of peers.entries()) times.peers[i]?.push(await peer.time(steps));
  }
  const memory = ours.peakMegabytes();
  const row = {
    step,
    backbone,
    batch,
    imagesPerSecond: (batch * steps) / median(times.ours),
    peakMegabytes: memory,
    peers: modes.map((mode, i) => ({
      mode,
      imagesPerSecond: (batch * steps) / median(times.peers[i] ?? []),
      speedRatio: median((times.peers[i] ?? []).map((seconds, pair) => seconds / (times.ours[pair] as number))),
      memoryRatio: memory / (peers[i] as Contestant).peakMegabytes(),
    })),
  };
  for (const one of [ours, ...peers]) one.end();
  rows.push(row);
  const against = row.peers.map(
    (peer) => `${peer.speedRatio.toFixed(2)}× PyTorch ${peer.mode} (memory ${peer.memoryRatio.toFixed(2)}×)`,
  );
  console.log(
    `${step} ${backbone} batch ${batch}: ${row.imagesPerSecond.toFixed(1)} images/s, ${memory.toFixed(0)} MB; ${against.join(', ') || 'no Python with torch given'}`,
  );
}
if (values.json) {
  const machine = { processor: cpus()[0]?.model, cores: cpus().length, date: new Date().toISOString().slice(0, 10) };
  writeFileSync(values.json, `${JSON.stringify({ machine, size: 96, rows }, null, 1)}\n`);
}
