/**
 * The map of the images: how long it takes to fit and to place, how well it keeps neighbours, and what the page needs.
 *
 *   npm run bench:map -- --works fit,place,page [--points 1000000] [--json FILE]
 *   npm run bench:map -- --works neighbours --features FILE --python <interpreter with umap-learn> [--images 9600]
 *
 * `fit` and `place`: made-up features of groups, as the worker draws them. `page`: a page with a million points in a
 * headless browser, which draws WebGL2 by software. `neighbours`: trustworthiness (Venna & Kaski 2001) of our places and of
 * umap-learn's on the same 50 axes, over seeds; the features are a file of `job.features`.
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, openSync, rmSync, writeFileSync, writeSync, closeSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { fileURLToPath } from 'node:url';
import { featureWidth } from '../src/core/features/store.ts';
import { drawMap, mostFitted } from '../src/core/map/draw.ts';
import { eachFeatureRow } from '../src/core/map/feature-rows.ts';
import { fitPlaces } from '../src/core/map/fit.ts';
import { alongAxes, principalAxes } from '../src/core/map/pca.ts';
import { scattered, seeded } from '../src/core/map/random.ts';
import { measurePage } from './map/page.ts';

const { values } = parseArgs({
  options: {
    works: { type: 'string', default: 'fit,place,page' },
    points: { type: 'string', default: '1000000' },
    features: { type: 'string' },
    python: { type: 'string' },
    images: { type: 'string', default: '9600' },
    json: { type: 'string' },
  },
});
const works = values.works.split(',');
const points = Number(values.points);
const measured: Record<string, unknown> = {};
const note = (name: string, value: unknown): void => {
  measured[name] = value;
  process.stdout.write(`${name}: ${JSON.stringify(value)}\n`);
};
const folder = mkdtempSync(join(tmpdir(), 'acclimate-bench-map-'));

/** Forty groups of unequal spread in 256 dimensions, unit length, as `job.features` writes them. */
function writeFeatures(file: string, count: number): void {
  const random = seeded(3);
  const normal = (): number => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
  const groups = 40;
  const centres = Array.from({ length: groups }, () => Float32Array.from({ length: featureWidth }, normal));
  // Noise is drawn from a pool: the normal numbers of a million rows would take longer than what is measured.
  const pool = Float32Array.from({ length: 1 << 20 }, normal);
  const rowBytes = 4 + 4 * featureWidth;
  const atOnce = 10_000;
  const buffer = new ArrayBuffer(atOnce * rowBytes);
  const handle = openSync(file, 'w');
  for (let from = 0; from < count; from += atOnce) {
    const rows = Math.min(atOnce, count - from);
    for (let i = 0; i < rows; i++) {
      new Int32Array(buffer, i * rowBytes, 1)[0] = from + i + 1;
      const row = new Float32Array(buffer, i * rowBytes + 4, featureWidth);
      const group = Math.floor(random() ** 2 * groups);
      const at = Math.floor(random() * (pool.length - featureWidth));
      const spread = 0.5 + (group % 5) * 0.2;
      let squares = 0;
      for (let j = 0; j < featureWidth; j++) {
        row[j] = centres[group]![j]! + spread * pool[at + j]!;
        squares += row[j]! ** 2;
      }
      for (let j = 0; j < featureWidth; j++) row[j]! /= Math.sqrt(squares);
    }
    writeSync(handle, new Uint8Array(buffer, 0, rows * rowBytes));
  }
  closeSync(handle);
}

function fitAndPlace(): void {
  const count = works.includes('place') ? points : mostFitted;
  const file = join(folder, 'features');
  writeFeatures(file, count);
  /** Seconds by the clock, and of the processor, which others that run meanwhile change little. */
  const clock = (): readonly [number, number] => {
    const { user, system } = process.cpuUsage();
    return [performance.now() / 1000, (user + system) / 1e6];
  };
  const told = (name: string, from: readonly [number, number], to: readonly [number, number]): void => {
    note(`${name}, s`, to[0] - from[0]);
    note(`${name}, s of the processor`, to[1] - from[1]);
  };
  const begun = clock();
  let fitted = begun;
  const { points: drawn } = drawMap(
    { features: [file], images: Int32Array.from({ length: count }, (_, i) => i + 1), before: null, mostFitted },
    (stage, share) => {
      if (stage === 'fit' && share === 1) {
        fitted = clock();
        note('fitted images', Math.min(count, mostFitted));
        told('axes and fit', begun, fitted);
      }
    },
  );
  if (count > mostFitted) {
    note('placed images', drawn.ids.length - mostFitted);
    told('placing and clusters', fitted, clock());
  }
  note('peak memory, MB', process.resourceUsage().maxRSS / 1024);
}

function neighbours(): void {
  const { features, python } = values;
  if (features === undefined || python === undefined) throw new Error('--features and --python are needed');
  const rows = new Map<number, Float32Array>();
  eachFeatureRow([features], (image, row) => rows.set(image, row.slice()));
  const ids = scattered(Int32Array.from(rows.keys())).subarray(0, Number(values.images));
  const sample = new Float32Array(ids.length * featureWidth);
  ids.forEach((id, at) => sample.set(rows.get(id)!, at * featureWidth));
  const axes = principalAxes(sample, featureWidth, 50);
  const along = alongAxes(axes, sample);
  const begun = performance.now();
  const places = fitPlaces(along, axes.kept, () => {});
  note('ours, s', (performance.now() - begun) / 1000);
  const [input, output] = [join(folder, 'axes.f32'), join(folder, 'places.f32')];
  writeFileSync(input, new Uint8Array(along.buffer));
  writeFileSync(output, new Uint8Array(places.buffer));
  const script = fileURLToPath(new URL('map/neighbours.py', import.meta.url));
  note('images', ids.length);
  const told = execFileSync(python, [script, input, output, String(axes.kept)], { encoding: 'utf8' });
  for (const [name, value] of Object.entries(JSON.parse(told) as Record<string, unknown>)) note(name, value);
}

try {
  if (works.includes('fit') || works.includes('place')) fitAndPlace();
  if (works.includes('neighbours')) neighbours();
  if (works.includes('page')) {
    for (const [name, value] of Object.entries(await measurePage(folder, points))) note(name, value);
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
const machine = {
  processor: cpus()[0]?.model ?? '',
  cores: cpus().length,
  date: new Date().toISOString().slice(0, 10),
};
if (values.json) writeFileSync(values.json, `${JSON.stringify({ machine, ...measured }, null, 2)}\n`);
process.exit(0);
