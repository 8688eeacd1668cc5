/**
 * Does every method learn? From random weights, on 2,000 images of one set without their labels (SupCon: with them): the
 * accuracy of nearest neighbours among held images before and after, over seeds, with a 95 % range of the rise; for
 * methods with a task of their own, the success in it on held images beside chance.
 *
 *   npm run bench:learns -- --data <folder of one folder per class> --methods simsiam,dino --json <file>
 *       [--seeds 3] [--epochs 30] [--images 2000] [--held 1000] [--backbone resnet18] [--divisor 4] [--size 64]
 *
 * Batch statistics and no warm-up, as there is nothing pretrained to keep. What was run is added to the file.
 */
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { parseArgs } from 'node:util';
import { z } from 'zod';
import { studentQuantile } from '../src/engine/evaluate/student.ts';
import { method, methods } from '../src/engine/methods/registry.ts';
import { learn } from './learns/run.ts';

const { values } = parseArgs({
  options: {
    data: { type: 'string' },
    json: { type: 'string' },
    methods: { type: 'string', default: methods.map(({ name }) => name).join() },
    seeds: { type: 'string', default: '3' },
    epochs: { type: 'string', default: '30' },
    images: { type: 'string', default: '2000' },
    held: { type: 'string', default: '1000' },
    backbone: { type: 'string', default: 'resnet18' },
    divisor: { type: 'string', default: '4' },
    size: { type: 'string', default: '64' },
    batch: { type: 'string', default: '64' },
    views: { type: 'string', default: 'any-orientation' },
    settings: { type: 'string', default: '{}' },
  },
});
if (!values.data) throw new Error('--data <folder with one folder of images per class> is needed');
const number = (name: 'seeds' | 'epochs' | 'images' | 'held' | 'divisor' | 'size' | 'batch'): number =>
  z.coerce.number().int().positive().parse(values[name]);
const own = z.record(z.string(), z.union([z.number(), z.string(), z.boolean()])).parse(JSON.parse(values.settings));
const limit = 300;

const rowSchema = z.looseObject({ method: z.string(), set: z.string(), backbone: z.string() });
const rows: Record<string, unknown>[] = [];
const scratch = mkdtempSync(join(tmpdir(), 'acclimate-learns-'));
const percent = (share: number | null): string => (share === null ? '–' : (100 * share).toFixed(1));
console.log('| method | seed | before | after | task (chance) | seconds |\n|---|---|---|---|---|---|');
try {
  for (const name of values.methods.split(',')) {
    const rises: number[] = [];
    const runs = [];
    for (let seed = 0; seed < number('seeds'); seed++) {
      const { settings: declared } = method(name);
      const run = await learn({
        data: values.data,
        scratch,
        method: name,
        settings: {
          ...('statistics' in declared && { statistics: 'batch' }),
          ...('warmUpEpochs' in declared && { warmUpEpochs: 0 }),
          ...own,
        },
        backbone: values.backbone,
        shrink: { widthDivisor: number('divisor'), blocksPerStage: Infinity },
        views: values.views,
        size: number('size'),
        batch: number('batch'),
        epochs: number('epochs'),
        images: number('images'),
        held: number('held'),
        seed,
      });
      runs.push({ seed, ...run });
      if (run.before !== null && run.after !== null) rises.push(run.after - run.before);
      const task = run.task ? `${percent(run.task.value)} (${percent(run.task.chance)})` : '–';
      console.log(
        `| ${name} | ${seed} | ${percent(run.before)} | ${percent(run.after)} | ${task} | ${run.seconds.toFixed(0)} |`,
      );
    }
    const rise = rangeOf(rises);
    console.log(`| ${name} | all | | +${percent(rise.mean)} (${percent(rise.low)} to ${percent(rise.high)}) | | |`);
    rows.push({
      method: name,
      set: basename(values.data),
      backbone: `${values.backbone}, width ÷ ${values.divisor}`,
      size: number('size'),
      images: number('images'),
      epochs: number('epochs'),
      settings: own,
      rise,
      learns: rise.low !== null && rise.low > 0,
      withinLimit: runs.every(({ seconds }) => seconds <= limit),
      runs,
    });
    if (values.json) record(values.json);
  }
} finally {
  rmSync(scratch, { recursive: true, force: true });
}

/** Mean and 95 % range by Student's t; no range from one seed. */
function rangeOf(rises: readonly number[]): { mean: number; low: number | null; high: number | null } {
  const n = rises.length;
  const mean = rises.reduce((a, b) => a + b, 0) / n;
  if (n < 2) return { mean, low: null, high: null };
  const deviation = Math.sqrt(rises.reduce((sum, rise) => sum + (rise - mean) ** 2, 0) / (n - 1));
  const half = (studentQuantile(0.975, n - 1) * deviation) / Math.sqrt(n);
  return { mean, low: mean - half, high: mean + half };
}

/** Rows of other methods and sets stay. */
function record(file: string): void {
  const fileSchema = z.object({ rows: z.array(rowSchema) });
  const before = existsSync(file) ? fileSchema.parse(JSON.parse(readFileSync(file, 'utf8'))).rows : [];
  const key = (row: Record<string, unknown>): string => `${row['method']} ${row['set']} ${row['backbone']}`;
  const anew = new Set(rows.map(key));
  const machine = { processor: cpus()[0]?.model, cores: cpus().length, date: new Date().toISOString().slice(0, 10) };
  const all = [...before.filter((row) => !anew.has(key(row))), ...rows];
  writeFileSync(file, `${JSON.stringify({ machine, rows: all }, null, 1)}\n`);
}
