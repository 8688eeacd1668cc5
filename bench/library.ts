/**
 * Cost per image and peak memory of embedding and of naming, from small to large libraries, in the pieces the product
 * asks for: whatever the size, they should stay the same.
 *   npm run bench:library -- [--sizes 1000,10000,100000] [--works embed,predict] [--rounds 2] [--json FILE]
 *
 * The images are made-up records in the cache, as if they had been decoded before, at the smallest side there is. Each
 * measurement is a process of its own that does one task of the product; sizes take turns. The time is that from the
 * first batch to the last: what is opened once is not in it.
 */
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { z } from 'zod';
import { pieceLength } from '../src/core/predict/sources.ts';
import { featuresAtOnce } from '../src/core/runs/library-pieces.ts';
import { recordSideOf, type Manifest, type RunSpec } from '../src/contract/run-files.ts';
import { generator } from '../src/engine/data/random.ts';
import { RecordCache } from '../src/engine/data/record-cache.ts';
import { libraryImage } from './library-image.ts';

const SIZE = 32;
const CLASSES = 4;
const LEARNED = 512;
/** Records that differ; the library repeats them. */
const DIFFERENT = 64;
/** Images that a measurement looks at, at least: small libraries are gone through several times. */
const LEAST = 4000;

const { values } = parseArgs({
  options: {
    sizes: { type: 'string', default: '1000,10000,100000' },
    works: { type: 'string', default: 'embed,predict' },
    rounds: { type: 'string', default: '2' },
    json: { type: 'string' },
  },
});
const sizes = values.sizes.split(',').map(Number);
const works = values.works.split(',');

const measuredSchema = z.object({
  microsecondsPerImage: z.number(),
  /** Of the processor, over all threads: what a busy machine changes least. */
  processorMicrosecondsPerImage: z.number(),
  idleShare: z.number(),
  peakMegabytes: z.number(),
});

/** Fills the cache. @returns seconds per image, first and last tenth */
async function fill(folder: string, count: number): Promise<{ first: number; last: number }> {
  const cache = new RecordCache(folder, recordSideOf(SIZE));
  const pictures = Array.from({ length: DIFFERENT }, (_, i) =>
    Uint8Array.from(generator(i, 'picture').uniform(cache.recordBytes), (value) => 256 * value),
  );
  const { side } = cache;
  const tenths: number[] = [];
  let begun = performance.now();
  for (let id = 0; id < count; id++) {
    const image = libraryImage(id);
    await cache.write(image, pictures[id % DIFFERENT] as Uint8Array, [0, 0, side, side]);
    if ((id + 1) % Math.max(1, Math.floor(count / 10)) !== 0) continue;
    tenths.push((performance.now() - begun) / 1000 / Math.floor(count / 10));
    begun = performance.now();
  }
  await cache.close();
  return { first: tenths[0] ?? NaN, last: tenths.at(-1) ?? NaN };
}

/** A run that learned from some images of the library: its backbone and its labels are applied to all. */
function writeRun(home: string, cacheFolder: string): string {
  const folder = join(home, 'runs', 'library');
  mkdirSync(folder, { recursive: true });
  const ids = Array.from({ length: LEARNED }, (_, id) => id);
  const training = ids.slice(0, 4 * CLASSES).map((image) => ({ image, class: image % CLASSES, group: image }));
  const manifest: Manifest = {
    version: 1,
    cacheFolder,
    images: ids.map(libraryImage),
    classes: Array.from({ length: CLASSES }, (_, id) => ({ id, name: `class ${id}` })),
    adapt: ids,
    training,
    draws: [{ train: training.map(({ image }) => image) }],
    check: ids.slice(-16),
  };
  const spec: RunSpec = {
    version: 1,
    runId: 'library',
    createdAt: '2026-01-01T00:00:00Z',
    seed: 1,
    size: SIZE,
    recordSide: recordSideOf(SIZE),
    backbone: { name: 'efficientnet-lite0', weightsSha256: '0'.repeat(64) },
    method: { name: 'byol', settings: {} },
    views: 'any-orientation',
    adapt: { epochs: 1, batch: 64, seeds: 1, maxImages: LEARNED },
    regimes: ['probe'],
    testTimeAugmentation: false,
    protocol: { kind: 'subsample', draws: 1, check: 'reserved' },
    engine: 'onnx',
  };
  writeFileSync(join(folder, 'manifest.json'), JSON.stringify(manifest));
  writeFileSync(join(folder, 'spec.json'), JSON.stringify(spec));
  writeFileSync(join(folder, 'prepared.json'), JSON.stringify({ failed: [] }));
  return folder;
}

const median = (list: readonly number[]): number => list.toSorted((a, b) => a - b)[Math.floor(list.length / 2)] ?? NaN;

const home = mkdtempSync(join(tmpdir(), 'acclimate-library-'));
try {
  const cacheFolder = join(home, 'cache');
  const cached = await fill(cacheFolder, Math.max(...sizes));
  const worker = new URL('./library-worker.ts', import.meta.url).pathname;
  const found = new Map<string, z.infer<typeof measuredSchema>[]>();
  for (let round = 0; round < Number(values.rounds); round++)
    for (const count of sizes)
      for (const work of works) {
        const runFolder = writeRun(home, cacheFolder);
        const args = [
          ...process.execArgv,
          worker,
          work,
          runFolder,
          String(count),
          String(work === 'embed' ? featuresAtOnce : pieceLength),
          String(count < LEAST ? Math.ceil(LEAST / count) + 1 : 1),
        ];
        const output = execFileSync(process.execPath, args, {
          encoding: 'utf8',
          env: { ...process.env, ORT_DISABLE_TELEMETRY: '1' },
          stdio: ['ignore', 'pipe', 'inherit'],
        });
        const key = `${work} ${count}`;
        const measured = measuredSchema.parse(JSON.parse(output));
        process.stderr.write(`${key}: ${JSON.stringify(measured)}\n`);
        found.set(key, [...(found.get(key) ?? []), measured]);
        rmSync(runFolder, { recursive: true });
      }
  const rows = works.flatMap((work) => {
    const all = sizes.map((images) => {
      const measured = found.get(`${work} ${images}`) ?? [];
      return {
        work,
        images,
        microsecondsPerImage: Math.round(median(measured.map((each) => each.microsecondsPerImage))),
        processorMicrosecondsPerImage: Math.round(median(measured.map((each) => each.processorMicrosecondsPerImage))),
        idleShare: Number(median(measured.map((each) => each.idleShare)).toFixed(4)),
        peakMegabytes: Math.round(median(measured.map((each) => each.peakMegabytes))),
        each: measured,
      };
    });
    const [first] = all;
    return all.map((row) => ({
      ...row,
      ofSmallest: Number((row.microsecondsPerImage / (first?.microsecondsPerImage ?? NaN)).toFixed(3)),
      processorOfSmallest: Number(
        (row.processorMicrosecondsPerImage / (first?.processorMicrosecondsPerImage ?? NaN)).toFixed(3),
      ),
    }));
  });
  const report = {
    command: 'npm run bench:library',
    processor: cpus()[0]?.model.trim(),
    cores: cpus().length,
    side: SIZE,
    cacheMicrosecondsPerImage: { firstTenth: Math.round(1e6 * cached.first), lastTenth: Math.round(1e6 * cached.last) },
    rows,
  };
  console.table(rows.map(({ each: _, ...row }) => row));
  console.log(report.cacheMicrosecondsPerImage);
  if (values.json) writeFileSync(values.json, `${JSON.stringify(report, null, 2)}\n`);
} finally {
  rmSync(home, { recursive: true, force: true });
}
