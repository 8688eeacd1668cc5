/**
 * Does an exported model say elsewhere what the app says? Makes a short run of each set, names its images, exports the
 * model, and opens that under Python's onnxruntime: on the app's own pixels, and from the files by the card's snippet.
 * Needs Python with onnxruntime, pillow and numpy.
 *
 *   npm run bench:export -- --python <interpreter> --data <folder with rsscn7/ and pbc_blood/> [--only rsscn7] [--json <file>]
 *
 * Exit status 1 where a probability is further than 1e-5 from the table's on the same pixels, or fewer than 99 % of the
 * images get the same class from their files.
 */
import { execFileSync } from 'node:child_process';
import {
  copyFileSync,
  createWriteStream,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { finished } from 'node:stream/promises';
import { parseArgs } from 'node:util';
import { fileURLToPath } from 'node:url';
import { parse } from 'csv-parse/sync';
import { z } from 'zod';
import { modelMetadataSchema } from '../src/contract/model-file.ts';
import { createImagePool } from '../src/images/pool.ts';
import { acclimate } from './acclimate.ts';

const bars = { distance: 1e-5, sameClass: 0.99 };
/** Images of each class that are imported, from all over it: enough to tell 99 % of. */
const PER_CLASS = 100;
/** Two adapted backbones over flips and turns; one, as it is, on images of the very size of a record. */
const cases = [
  { set: 'rsscn7', words: ['--regime', 'probe', '--seeds', '2', '--test-time-augmentation'] },
  { set: 'pbc_blood', words: ['--regime', 'probe', '--seeds', '1'] },
] as const;

const { values } = parseArgs({
  options: { python: { type: 'string' }, data: { type: 'string' }, only: { type: 'string' }, json: { type: 'string' } },
});
const { python, data } = values;
if (python === undefined || data === undefined) throw new Error('--python and --data are needed');

const rowSchema = z.object({
  file: z.string(),
  predicted: z.string(),
  probability: z.coerce.number(),
  second: z.string(),
  p_second: z.coerce.number(),
});
const foundSchema = z.object({
  onnxruntime: z.string(),
  images: z.number(),
  distance: z.number(),
  sameClass: z.number(),
  fileDistance: z.number(),
  meanFileDistance: z.number(),
  testImageDistance: z.number(),
  imagesPerSecond: z.number(),
});

/** Copies some images of each class. */
function copySome(from: string, to: string): void {
  for (const name of readdirSync(from)) {
    const files = readdirSync(join(from, name)).sort();
    const step = Math.max(1, files.length / PER_CLASS);
    mkdirSync(join(to, name), { recursive: true });
    for (let i = 0; i < Math.min(PER_CLASS, files.length); i++) {
      const file = files[Math.floor(i * step)]!;
      copyFileSync(join(from, name, file), join(to, name, file));
    }
  }
}

/** Rows of the table whose file can be read. */
const readRows = (csv: string): z.infer<typeof rowSchema>[] =>
  (parse(readFileSync(csv), { columns: true }) as { decision: string }[])
    .filter(({ decision }) => decision !== 'unreadable')
    .map((row) => rowSchema.parse(row));

/** The app's records of the files, back to back. */
async function writeRecords(out: string, paths: readonly string[], side: number): Promise<void> {
  const pool = createImagePool();
  const stream = createWriteStream(out);
  try {
    for (let at = 0; at < paths.length; at += 256) {
      const some = paths.slice(at, at + 256).map((path) => ({ path }));
      const pixels = Buffer.alloc(some.length * side * side * 3);
      for await (const record of pool.recordMany(some, { side })) {
        if (!record.ok) throw new Error(`${some[record.index]?.path}: ${record.reason}`);
        pixels.set(record.value.pixels, record.index * side * side * 3);
      }
      stream.write(pixels);
    }
  } finally {
    pool.close();
  }
  stream.end();
  await finished(stream);
}

const rows: (z.infer<typeof foundSchema> & { set: string; what: string; met: boolean })[] = [];
for (const { set, words } of cases.filter((each) => values.only === undefined || each.set === values.only)) {
  const home = mkdtempSync(join(tmpdir(), 'acclimate-bench-export-'));
  const [project, csv] = [join(home, 'project'), join(home, 'names.csv')];
  const images = join(home, 'images');
  try {
    copySome(join(data, set), images);
    acclimate(z.object({ images: z.number() }), 'import', images, '--project', project);
    const short = ['--shots', '5', '--draws', '2', '--epochs', '1', '--max-images', '500', '--size', '96'];
    const { run } = acclimate(z.object({ run: z.string() }), 'run', project, ...short, ...words, '--seed', '1');
    const model = ['--run', run, '--arm', 'adapted'];
    acclimate(z.object({}), 'predict', project, ...model, '--out', csv);
    const made = z.object({ exports: z.array(z.object({ folder: z.string() })) });
    const { folder } = acclimate(made, 'export', project, ...model, '--to', home).exports[0]!;
    const about = modelMetadataSchema.parse(JSON.parse(readFileSync(join(folder, 'classes.json'), 'utf8')));
    const named = readRows(csv).map((row) => ({ ...row, path: join(images, row.file) }));
    const [records, table] = [join(home, 'records'), join(home, 'rows.json')];
    await writeRecords(records, named.map(({ path }) => path), about.recordSide); // prettier-ignore
    writeFileSync(table, JSON.stringify(named));
    const script = fileURLToPath(new URL('export/compare.py', import.meta.url));
    const found = foundSchema.parse(JSON.parse(execFileSync(python, [script, folder, records, table], { encoding: 'utf8' }))); // prettier-ignore
    const met = found.distance <= bars.distance && found.sameClass >= bars.sameClass;
    const what = `${about.backbone}, ${about.regime}, ${about.models} models${about.testTimeAugmentation ? ', flips and turns' : ''}`;
    rows.push({ set, what, ...found, met });
    console.log(
      `${met ? 'ok    ' : 'MISSED'} ${set} (${what}), ${found.images} images: same pixels within ${found.distance.toExponential(1)}; from files ${(100 * found.sameClass).toFixed(2)} % the same class`,
    );
  } finally {
    rmSync(home, { recursive: true, force: true });
  }
}
const machine = `${cpus().length} × ${cpus()[0]?.model.trim()}`;
if (values.json !== undefined) writeFileSync(values.json, `${JSON.stringify({ machine, bars, rows }, null, 1)}\n`);
process.exitCode = rows.length > 0 && rows.every(({ met }) => met) ? 0 : 1;
