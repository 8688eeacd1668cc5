/**
 * Does the default recipe help on real images? Imports each set by folders, adapts EfficientNet-Lite0 at 96 px with 3
 * seeds, trains a probe on 10 label draws with and without the adaptation, and holds the gains against the bars.
 *
 *   npm run bench:recipes -- --data <folder with rsscn7/ and pbc_blood/> --json <file> [--method byol] [--only rsscn7]
 *
 * Adaptation: at most 4 epochs over at most 2,500 images of the training side. Runs the product's own commands.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { z } from 'zod';
import { resultsSchema } from '../src/contract/results.ts';
import { acclimate } from './acclimate.ts';

/** Smallest gain of accuracy in points, per set and method, at 1, 5 and 20 labels per class. */
const bars: Readonly<Record<string, Readonly<Record<string, readonly [number, number, number]>>>> = {
  rsscn7: { byol: [5, 4.5, 3.5], simclr: [6, 6, 5] },
  pbc_blood: { byol: [5, 8.5, 7.5], simclr: [9, 11, 8.5] },
};
const shots = [1, 5, 20] as const;

const { values } = parseArgs({
  options: {
    data: { type: 'string' },
    json: { type: 'string' },
    method: { type: 'string', default: 'byol' },
    only: { type: 'string' },
    seeds: { type: 'string', default: '3' },
    epochs: { type: 'string', default: '4' },
  },
});
if (!values.data) throw new Error('--data <folder with rsscn7/ and pbc_blood/> is needed');
const data = values.data;

const endSchema = z.object({ run: z.string(), results: resultsSchema });
interface Row {
  readonly set: string;
  readonly method: string;
  readonly shots: number;
  readonly plain: number;
  readonly adapted: number;
  readonly gain: number;
  readonly ci: readonly number[];
  readonly bar: number;
  readonly met: boolean;
  readonly [detail: string]: unknown;
}
const rows: Row[] = [];
for (const set of Object.keys(bars).filter((name) => !values.only || name === values.only)) {
  const project = mkdtempSync(join(tmpdir(), `acclimate-bench-${set}-`));
  try {
    acclimate(z.object({ images: z.number() }), 'import', join(data, set), '--project', project);
    const common = ['--draws', '10', '--regime', 'probe', '--size', '96', '--seeds', values.seeds, '--seed', '1'];
    const started = acclimate(
      endSchema,
      'run',
      project,
      ...common,
      ...['--shots', '5', '--method', values.method, '--epochs', values.epochs, '--max-images', '2500'],
    );
    const ends = shots.map((k) =>
      k === 5
        ? started
        : acclimate(endSchema, 'finetune', project, '--run', started.run, ...common, '--shots', String(k)),
    );
    ends.forEach(({ results }, i) => {
      const { mean, ci } = results.difference.accuracy;
      const bar = bars[set]?.[values.method]?.[i] ?? 0;
      rows.push({
        set,
        method: values.method,
        shots: shots[i] as number,
        plain: 100 * results.arms.plain.accuracy.mean,
        adapted: 100 * results.arms.adapted.accuracy.mean,
        gain: 100 * mean,
        ci: ci.map((end) => 100 * end),
        bar,
        met: 100 * mean >= bar && ci[0] > 0,
        verdict: results.verdict,
        checkImages: results.protocol.checkImages,
        adaptationImages: results.protocol.adaptationImages,
        imagesPerSecond: results.imagesPerSecond,
        monitor: results.monitor,
      });
    });
  } finally {
    rmSync(project, { recursive: true, force: true });
  }
}

console.log('| set | method | labels | plain | adapted | gain (95 %) | bar | met |\n|---|---|---|---|---|---|---|---|');
for (const row of rows) {
  const range = row.ci.map((end) => end.toFixed(1)).join(' to ');
  console.log(
    `| ${row.set} | ${row.method} | ${row.shots} | ${row.plain.toFixed(1)} | ${row.adapted.toFixed(1)} | +${row.gain.toFixed(1)} (${range}) | ${row.bar} | ${row.met ? 'yes' : 'no'} |`,
  );
}
if (values.json) {
  const machine = { processor: cpus()[0]?.model, cores: cpus().length, date: new Date().toISOString().slice(0, 10) };
  writeFileSync(values.json, `${JSON.stringify({ machine, seeds: Number(values.seeds), rows }, null, 1)}\n`);
}
process.exitCode = rows.every(({ met }) => met) ? 0 : 1;
