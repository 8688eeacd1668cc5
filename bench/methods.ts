/**
 * What a step of each method costs beside BYOL's: EfficientNet-Lite0 at 96 px, 64 images, every setting at its default.
 * The two take turns, and what counts is the median of the ratios of neighbours.
 *
 *   npm run bench:methods -- [--only simclr,dino] [--pairs 3] [--backbone efficientnet-lite0] [--json <file>]
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { parseArgs } from 'node:util';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { methods } from '../src/engine/methods/registry.ts';
import { physicalCores } from '../src/engine/runtime/cores.ts';
import { contest, contestant } from './peers/contest.ts';

const { values } = parseArgs({
  options: {
    only: { type: 'string' },
    pairs: { type: 'string', default: '3' },
    backbone: { type: 'string', default: 'efficientnet-lite0' },
    threads: { type: 'string', default: String(physicalCores()) },
    json: { type: 'string' },
  },
});
const batch = 64;
const times = 2;
const asked = values.only?.split(',');
const script = fileURLToPath(new URL('peers/step-worker.ts', import.meta.url));
const worker = (name: string) =>
  contestant(name, process.execPath, [script, name, values.backbone, String(batch), '96', values.threads]);

const row = (name: string, ...cells: readonly string[]): string => `| \`${name}\` | ${cells.join(' | ')} |`;
/** A record is written after each method, and one that is there is added to. */
const recordSchema = z.looseObject({ rows: z.array(z.looseObject({ method: z.string() })) });
const rows =
  values.json && existsSync(values.json) ? recordSchema.parse(JSON.parse(readFileSync(values.json, 'utf8'))).rows : [];

console.log("| method | images/s beside BYOL's (least–most) | memory beside BYOL's | first step, s |");
console.log('|---|---|---|---|');
for (const { name } of methods.filter((known) => known.name !== 'byol' && (asked?.includes(known.name) ?? true))) {
  const result = await contest(worker(name), [worker('byol')], {
    times,
    images: times * batch,
    pairs: Number(values.pairs),
  });
  const { ratio, spread, memory } = result.peers[0]!;
  const range = `${spread[0].toFixed(2)}–${spread[1].toFixed(2)}`;
  console.log(row(name, `${ratio.toFixed(2)} (${range})`, memory.toFixed(2), result.startSeconds.toFixed(1)));
  const at = rows.findIndex((known) => known.method === name);
  rows.splice(at < 0 ? rows.length : at, at < 0 ? 0 : 1, { method: name, batch, ...result });
  if (!values.json) continue;
  const machine = {
    processor: cpus()[0]?.model,
    threads: Number(values.threads),
    date: new Date().toISOString().slice(0, 10),
  };
  writeFileSync(values.json, `${JSON.stringify({ machine, backbone: values.backbone, rows }, null, 1)}\n`);
}
process.exit(0);
