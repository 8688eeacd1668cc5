/**
 * Does every method learn? From random weights, on 2,000 images of one set without their labels (SupCon: with them): the
 * accuracy of nearest neighbours among held images before and after, over seeds, with a 95 % range of the rise; for
 * methods with a task of their own, the success in it on held images beside chance.
 *
 *   npm run bench:learns -- --data <folder of one folder per class> --methods simsiam,dino --json <file>
 *       [--seeds 3] [--images 2000] [--held 1000] [--backbone resnet18] [--divisor 4] [--blocks 1] [--views natural]
 *       [--epochs 6] [--size 32] [--batch 64] [--settings '{"learningRate":0.001}']
 *       [--note <under which conditions>]
 *
 * What is not said is by the recipe of the method (`learns/settings.ts`). A method with a task learns where every seed does
 * twice as well as chance at it (where errors are counted: better than the mean); another where the range of the rise is
 * above 0. What was run is added to the file.
 */
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { parseArgs } from 'node:util';
import { z } from 'zod';
import { studentQuantile } from '../src/statistics/student.ts';
import { method, methods } from '../src/engine/methods/registry.ts';
import { learn, type Learnt } from './learns/run.ts';
import { recipeOf } from './learns/settings.ts';

const { values } = parseArgs({
  options: {
    data: { type: 'string' },
    json: { type: 'string' },
    methods: { type: 'string', default: methods.map(({ name }) => name).join() },
    seeds: { type: 'string', default: '3' },
    epochs: { type: 'string' },
    images: { type: 'string', default: '2000' },
    held: { type: 'string', default: '1000' },
    backbone: { type: 'string', default: 'resnet18' },
    divisor: { type: 'string', default: '4' },
    blocks: { type: 'string', default: '1' },
    views: { type: 'string', default: 'natural' },
    size: { type: 'string' },
    batch: { type: 'string' },
    settings: { type: 'string', default: '{}' },
    note: { type: 'string' },
  },
});
if (!values.data) throw new Error('--data <folder with one folder of images per class> is needed');
const number = (text: string): number => z.coerce.number().int().positive().parse(text);
const [images, held, divisor, blocks] = [values.images, values.held, values.divisor, values.blocks].map(number) as [
  number,
  number,
  number,
  number,
];
const own = z.record(z.string(), z.union([z.number(), z.string(), z.boolean()])).parse(JSON.parse(values.settings));
const limit = 300;

const rowSchema = z.looseObject({ method: z.string(), set: z.string(), backbone: z.string() });
const rows: Record<string, unknown>[] = [];
const scratch = mkdtempSync(join(tmpdir(), 'acclimate-learns-'));
const percent = (share: number | null): string => (share === null ? '–' : (100 * share).toFixed(1));
const signed = (share: number): string => `${share < 0 ? '' : '+'}${percent(share)}`;
console.log('| method | seed | before | after | task (chance) | seconds |\n|---|---|---|---|---|---|');
try {
  for (const name of values.methods.split(',')) {
    const recipe = recipeOf(name, method(name).settings);
    const asked = {
      ...recipe,
      ...(values.epochs && { epochs: number(values.epochs) }),
      ...(values.size && { size: number(values.size) }),
      ...(values.batch && { batch: number(values.batch) }),
      settings: { ...recipe.settings, ...own },
    };
    const runs: (Learnt & { seed: number })[] = [];
    for (let seed = 0; seed < number(values.seeds); seed++) {
      const run = await learn({
        ...asked,
        data: values.data,
        scratch,
        method: name,
        backbone: values.backbone,
        shrink: { widthDivisor: divisor, blocksPerStage: blocks },
        views: values.views,
        images,
        held,
        seed,
      });
      runs.push({ seed, ...run });
      const task = run.task ? `${percent(run.task.value)} (${percent(run.task.chance)})` : '–';
      console.log(
        `| ${name} | ${seed} | ${percent(run.before)} | ${percent(run.after)} | ${task} | ${run.seconds.toFixed(0)} |`,
      );
    }
    const rise = rangeOf(
      runs.flatMap(({ before, after }) => (before === null || after === null ? [] : after - before)),
    );
    const task = runs.flatMap((run) => run.task ?? []);
    const learns = task.length > 0 ? task.every(succeeds) : rise.low !== null && rise.low > 0;
    const range = `${signed(rise.mean)} (${percent(rise.low)} to ${percent(rise.high)})`;
    console.log(`| ${name} | all | | ${range} | ${learns ? 'learns' : 'did not learn'} | |`);
    rows.push({
      method: name,
      set: basename(values.data),
      backbone: `${values.backbone}, width ÷ ${divisor}, ${blocks} block${blocks > 1 ? 's' : ''} per stage`,
      views: values.views,
      images,
      held,
      ...asked,
      rise,
      ...(task.length > 0 && { task: rangeOf(task.map(({ value }) => value)) }),
      learns,
      withinLimit: runs.every(({ seconds }) => seconds <= limit),
      runs,
    });
    if (values.json) record(values.json);
  }
} finally {
  rmSync(scratch, { recursive: true, force: true });
}

/** Twice as well as chance; better than the mean where chance explains nothing. */
function succeeds({ value, chance }: { value: number; chance: number }): boolean {
  return chance > 0 ? value >= 2 * chance : value > 0;
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

/** One row a line; rows of other methods and sets stay. */
function record(file: string): void {
  const fileSchema = z.object({ rows: z.array(rowSchema) });
  const before = existsSync(file) ? fileSchema.parse(JSON.parse(readFileSync(file, 'utf8'))).rows : [];
  const key = (row: Record<string, unknown>): string => `${row['method']} ${row['set']} ${row['backbone']}`;
  const anew = new Set(rows.map(key));
  const machine = {
    processor: cpus()[0]?.model,
    cores: cpus().length,
    date: new Date().toISOString().slice(0, 10),
    ...(values.note && { note: values.note }),
  };
  const all = [...before.filter((row) => !anew.has(key(row))), ...rows];
  const lines = all.map((row) => JSON.stringify(row)).join(',\n');
  writeFileSync(file, `{"machine":${JSON.stringify(machine)},\n"rows":[\n${lines}\n]}\n`);
}
