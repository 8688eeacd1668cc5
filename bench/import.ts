/**
 * Time and memory of importing 10,000 JPEG images of 128 px, and of importing them again.
 *   node bench/import.ts [images] [children]
 */
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { importInputSchema } from '../src/contract/library.ts';
import { openProject } from '../src/core/db/open.ts';
import { checkImportInput, importLibrary } from '../src/core/library/import.ts';
import { manifestImages } from '../src/core/splits/sides.ts';
import { generator } from '../src/engine/data/random.ts';
import { createImagePool } from '../src/images/pool.ts';

const count = Number(process.argv[2] ?? 10_000);
const children = Number(process.argv[3] ?? 2);
const classes = 8;
const side = 128;

async function generate(folder: string): Promise<void> {
  const write = async (i: number): Promise<void> => {
    const coarse = Uint8Array.from(generator(i, 'bench').uniform(16 * 16 * 3), (value) => value * 255);
    const path = join(folder, `class${i % classes}`, `P${i % 50}_${i}.jpg`);
    const bytes = await sharp(coarse, { raw: { width: 16, height: 16, channels: 3 } })
      .resize(side, side)
      .jpeg({ quality: 90 })
      .toBuffer();
    mkdirSync(join(folder, `class${i % classes}`), { recursive: true });
    writeFileSync(path, bytes);
  };
  const atOnce = 16;
  for (let from = 0; from < count; from += atOnce)
    await Promise.all(Array.from({ length: Math.min(atOnce, count - from) }, (_, at) => write(from + at)));
}

/** Resident memory in MB of this process and its children, where `ps` is there. */
function residentMegabytes(): number {
  try {
    const rows = execFileSync('ps', ['-o', 'rss=', '--ppid', String(process.pid), '-p', String(process.pid)], {
      encoding: 'utf8',
    });
    return (
      rows
        .trim()
        .split('\n')
        .reduce((sum, row) => sum + Number(row), 0) / 1024
    );
  } catch {
    return NaN;
  }
}

const root = mkdtempSync(join(tmpdir(), 'acclimate-bench-'));
try {
  const folder = join(root, 'images');
  await generate(folder);
  const input = checkImportInput(
    importInputSchema.parse({ folder, project: join(root, 'project'), groups: 'P{group}_*' }),
  );
  const project = await openProject(input.project, { create: true });
  const pool = createImagePool({ size: children });
  let peak = 0;
  const measure = setInterval(() => (peak = Math.max(peak, residentMegabytes())), 500);
  const rounds: number[] = [];
  for (let round = 0; round < 2; round++) {
    const { seconds } = await importLibrary(project, input, { pool, progress: () => {} });
    rounds.push(seconds);
  }
  const started = performance.now();
  let records = 0;
  for await (const outcome of pool.recordMany(manifestImages(project), { side })) records += outcome.ok ? 1 : 0;
  const recordSeconds = (performance.now() - started) / 1000;
  clearInterval(measure);
  pool.close();
  project.close();
  console.log(
    JSON.stringify({
      processor: cpus()[0]?.model,
      children,
      images: count,
      importSeconds: Number(rounds[0]?.toFixed(2)),
      importAgainSeconds: Number(rounds[1]?.toFixed(2)),
      recordsPerSecond: Math.round(records / recordSeconds),
      peakMegabytes: Math.round(peak),
    }),
  );
} finally {
  rmSync(root, { recursive: true, force: true });
}
