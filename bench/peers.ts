/**
 * How fast the product is beside PyTorch and lightly on this machine: whole adaptations, training steps and embedding.
 * Every row lets all take turns and tells the median of the ratios of neighbours, as the clock of a machine
 * changes within minutes. Needs Python with torch, torchvision, timm and lightly; run it on an idle machine.
 *
 *   npm run bench:peers -- --python <interpreter> --data <folder with pbc_blood.tar> [--json <file>]
 *                          [--only <part of a row's name>] [--pairs 5] [--modes eager,channels-last,compile,bf16]
 */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, cpus, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { fileURLToPath } from 'node:url';
import { contest, contestant, type Contest, type Contestant } from './peers/contest.ts';

const { values } = parseArgs({
  options: {
    python: { type: 'string' },
    data: { type: 'string' },
    json: { type: 'string' },
    only: { type: 'string', default: '' },
    pairs: { type: 'string', default: '5' },
    modes: { type: 'string', default: 'eager,channels-last,compile,bf16' },
  },
});
const { python, data } = values;
if (python === undefined || data === undefined) throw new Error('--python and --data are needed');
const pairs = Number(values.pairs);
/** Those this process may use: `taskset` holds all to the same. */
const threads = String(availableParallelism());
const size = '96';
const path = (name: string): string => fileURLToPath(new URL(`peers/${name}`, import.meta.url));
const timm: Readonly<Record<string, string>> = {
  'efficientnet-lite0': 'tf_efficientnet_lite0',
  'efficientnet-b0': 'efficientnet_b0',
  resnet18: 'resnet18',
  'bit-resnet50x1': 'resnetv2_50x1_bit.goog_in21k',
  'vit-small-patch16': 'vit_small_patch16_224',
};
/** Images of a whole adaptation, and its passes: the first decodes. */
const adaptImages = 256;
const adaptPasses = 2;

interface Row {
  readonly work: string;
  readonly backbone: string;
  readonly batch: number;
  readonly contest: Contest;
  /** At least: ours ÷ the peer's, of the fastest of these modes. */
  readonly bars: readonly { readonly modes: readonly string[]; readonly atLeast: number }[];
}
const asked = new Set(values.modes.split(','));
const fp32 = ['eager', 'channels-last', 'compile'].filter((mode) => asked.has(mode));
const reduced = ['bf16'].filter((mode) => asked.has(mode));

type Bars = Row['bars'];
/** @param bf16 null where no bar is set for it */
const bars = (atLeast: number, bf16: number | null): Bars => [
  { modes: fp32, atLeast },
  ...(bf16 !== null && reduced.length > 0 ? [{ modes: reduced, atLeast: bf16 }] : []),
];

const folder = mkdtempSync(join(tmpdir(), 'acclimate-peers-'));
/** Real images in one folder, without their classes, as they come from a microscope. */
function pictures(): string {
  const to = join(folder, 'images');
  if (existsSync(to)) return to;
  mkdirSync(to);
  execFileSync('tar', ['-xf', resolve(data!, 'pbc_blood.tar'), '-C', folder]);
  const from = join(folder, 'pbc_blood');
  const classes = readdirSync(from).sort();
  for (const name of classes)
    for (const file of readdirSync(join(from, name))
      .sort()
      .slice(0, adaptImages / classes.length))
      renameSync(join(from, name, file), join(to, `${name}-${file}`));
  return to;
}

/** How PyTorch's BYOL step is fastest in fp32, by backbone: so it adapts as well. */
const fastest = new Map<string, string>();

function adaptation(backbone: string, script: 'lightly' | 'cached', atLeast: number, bf16: number) {
  const work = `adaptation beside ${script}`;
  return {
    name: `${work} ${backbone}`,
    run: async (): Promise<Row> => {
      const ours = contestant('ours', process.execPath, [path('adapt-worker.ts'), backbone, pictures(), size, '64']);
      const peers = [fastest.get(backbone) ?? fp32[0]!, ...reduced].map((mode) => {
        const words = [script, timm[backbone]!, pictures(), size, '64', mode, threads];
        return contestant(mode, python!, [path('adapt.py'), ...words]);
      });
      const rules = { times: adaptPasses, images: adaptPasses * adaptImages, pairs: Math.min(3, pairs) };
      return { work, backbone, batch: 64, contest: await contest(ours, peers, rules), bars: bars(atLeast, bf16) };
    },
  };
}

function step(work: string, backbone: string, batch: number, atLeast: number, bf16: number | null) {
  return {
    name: `${work} ${backbone}`,
    run: async (): Promise<Row> => {
      const words = (name: string): string[] => [work, name, String(batch), size];
      const ours = contestant('ours', process.execPath, [path('step-worker.ts'), ...words(backbone), threads]);
      const wanted = bars(atLeast, bf16);
      const modes = wanted.flatMap(({ modes }) => modes);
      const peers: Contestant[] = modes.map((mode) =>
        contestant(mode, python!, [path('steps.py'), ...words(timm[backbone]!), mode, threads]),
      );
      const times = work === 'embed' ? 8 : 2;
      const rules = { times, images: times * batch, pairs };
      return { work, backbone, batch, contest: await contest(ours, peers, rules), bars: wanted };
    },
  };
}

const cases = [
  step('byol', 'efficientnet-lite0', 64, 1.2, 1.5),
  step('byol', 'resnet18', 64, 1.15, 0.7),
  step('finetune', 'efficientnet-lite0', 32, 1.05, 1.5),
  step('finetune', 'resnet18', 32, 1.2, null),
  step('finetune', 'bit-resnet50x1', 32, 1, null),
  step('embed', 'efficientnet-lite0', 32, 1.5, 1.5),
  step('embed', 'resnet18', 32, 1.4, null),
  adaptation('efficientnet-lite0', 'lightly', 1.5, 1.5),
  adaptation('resnet18', 'lightly', 1.3, 0.7),
  adaptation('efficientnet-lite0', 'cached', 1.1, 1.5),
].filter(({ name }) => name.includes(values.only));

const rows: Row[] = [];
console.log(
  '| work | backbone | ours, images/s | peer | its images/s | ratio (least–most) | at least | memory | held |',
);
console.log('|---|---|---|---|---|---|---|---|---|');
for (const { run } of cases) {
  const row = await run();
  rows.push(row);
  const [best] = row.contest.peers.filter(({ peer }) => fp32.includes(peer)).sort((a, b) => a.ratio - b.ratio);
  if (row.work === 'byol' && best) fastest.set(row.backbone, best.peer);
  for (const { modes, atLeast } of row.bars) {
    const peer = row.contest.peers
      .filter((each) => modes.includes(each.peer))
      .reduce((a, b) => (b.ratio < a.ratio ? b : a));
    const [least, most] = peer.spread.map((ratio) => ratio.toFixed(2));
    const held = peer.ratio >= atLeast && peer.memory <= 1.1;
    console.log(
      `| ${row.work}, batch ${row.batch} | ${row.backbone} | ${row.contest.imagesPerSecond.toFixed(1)} | ${peer.peer} | ` +
        `${peer.imagesPerSecond.toFixed(1)} | ${peer.ratio.toFixed(2)} (${least}–${most}) | ${atLeast} | ` +
        `${peer.memory.toFixed(2)} | ${held ? 'yes' : '**no**'} |`,
    );
  }
  if (values.json) {
    const machine = { processor: cpus()[0]?.model, cores: cpus().length, date: new Date().toISOString().slice(0, 10) };
    writeFileSync(values.json, `${JSON.stringify({ machine, size: Number(size), rows }, null, 1)}\n`);
  }
}
rmSync(folder, { recursive: true, force: true });
process.exit(0);
