/**
 * Small pictures of 12-megapixel JPEGs as the page gets them (read, checked against the image's hash, decoded, written
 * to the project), beside libvips' `thumbnail`, which is what vipsthumbnail calls. All take turns; told is the median
 * of the ratios of neighbours. Needs Python with pyvips; run it on an idle machine.
 *
 *   npm run bench:thumbnails -- --python <interpreter> [--json <file>] [--pairs 7] [--photographs 24]
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { fileURLToPath } from 'node:url';
import { contest, contestant } from './peers/contest.ts';
import { photographs } from './thumbnails/photographs.ts';

const { values } = parseArgs({
  options: {
    python: { type: 'string' },
    json: { type: 'string' },
    pairs: { type: 'string', default: '7' },
    photographs: { type: 'string', default: '24' },
  },
});
const { python } = values;
if (python === undefined) throw new Error('--python is needed');
const count = Number(values.photographs);
const atLeast = 0.9;
const cores = String(cpus().length);
const path = (name: string): string => fileURLToPath(new URL(`thumbnails/${name}`, import.meta.url));

const folder = mkdtempSync(join(tmpdir(), 'acclimate-thumbnails-'));
try {
  const source = join(folder, 'photographs');
  const megabytes = (await photographs(source, count)) / count / 1e6;
  const vips = (name: string, workers: string, threads: string) =>
    contestant(name, python, [path('vips.py'), source, join(folder, name), workers, threads]);
  const ours = contestant('ours', process.execPath, [path('worker.ts'), source, folder]);
  const peers = [vips('several images at once', cores, '1'), vips('one image at a time', '1', cores)];
  const result = await contest(ours, peers, { times: 1, images: count, pairs: Number(values.pairs) });
  const machine = { processor: cpus()[0]?.model, cores: cpus().length, date: new Date().toISOString().slice(0, 10) };
  console.log(`${machine.processor}, ${machine.cores} cores; ${count} photographs of ${megabytes.toFixed(1)} MB`);
  console.log(
    '| ours, images/s | libvips | its images/s | ratio (least–most) | at least | memory, MB and ratio | held |',
  );
  console.log('|---|---|---|---|---|---|---|');
  for (const { peer, ratio, spread, imagesPerSecond, memory } of result.peers)
    console.log(
      `| ${result.imagesPerSecond.toFixed(1)} | ${peer} | ${imagesPerSecond.toFixed(1)} | ${ratio.toFixed(2)} ` +
        `(${spread.map((each) => each.toFixed(2)).join('–')}) | ${atLeast} | ${result.megabytes.toFixed(0)}, ` +
        `${memory.toFixed(2)} | ${ratio >= atLeast && memory <= 1.1 ? 'yes' : '**no**'} |`,
    );
  if (values.json)
    writeFileSync(
      values.json,
      `${JSON.stringify({ machine, photographs: { count, megabytes }, ...result }, null, 1)}\n`,
    );
} finally {
  rmSync(folder, { recursive: true, force: true });
}
process.exit(0);
