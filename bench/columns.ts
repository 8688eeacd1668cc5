/**
 * How long columns should be beside the features of a probe: accuracy on held images by the length of the columns, the
 * number of labels and what the columns tell, on features of the sample images. The columns are made up.
 *   node bench/columns.ts
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import Database from 'better-sqlite3';
import type { Column, ColumnValue } from '../src/contract/run-files.ts';
import { generator } from '../src/engine/data/random.ts';
import { COLUMNS_LENGTH, encodeColumns, fitColumns } from '../src/engine/regimes/columns.ts';
import { fitProbe, headProbabilities } from '../src/engine/regimes/probe.ts';
import { readSafetensors } from '../src/engine/weights/safetensors.ts';

const lengths = [0, 1, COLUMNS_LENGTH, 10];
const draws = 4;
const heldImages = 400;

const folder = mkdtempSync(join(tmpdir(), 'acclimate-columns-'));
process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
const repository = fileURLToPath(new URL('..', import.meta.url));
const acclimate = (...args: string[]): void => {
  execFileSync(process.execPath, ['bin/acclimate.mjs', ...args], { cwd: repository, stdio: 'ignore' });
};
const project = join(folder, 'project');
acclimate('import', 'resources/sample/images', '--project', project);
acclimate('embed', project, '--arm', 'plain', '--size', '96', '--out', join(folder, 'features.safetensors'));
const { ids, features, mean } = (await readSafetensors(join(folder, 'features.safetensors'))).tensors;
const db = new Database(join(project, 'project.db'), { readonly: true });
const classOf = new Map(
  db
    .prepare<[], { image: number; class: number }>(`SELECT image, class_id - 1 AS class FROM counting_label`)
    .all()
    .map((row) => [row.image, row.class]),
);
const truth = Array.from(ids!.data, (id) => classOf.get(id)!);
const classes = Math.max(...truth) + 1;
const width = mean!.data.length;
const rows = (images: readonly number[]): Float32Array =>
  Float32Array.from(images.flatMap((image) => [...features!.data.subarray(image * width, (image + 1) * width)]));

const age: Column = { name: 'age', kind: 'number' };
const site: Column = { name: 'site', kind: 'category' };
/** One of four sites, tied to the class in a share of the images. */
const sites = (share: number, seed: number): ColumnValue[][] => {
  const random = generator(seed, 'sites');
  return truth.map((label) => {
    const isTied = random.uniform(1)[0]! < share;
    const other = random.below(4);
    return [`site ${isTied ? label % 4 : other}`];
  });
};
/** Numbers that correlate with an order of the classes. */
const ages = (correlation: number, seed: number): ColumnValue[][] => {
  const noise = generator(seed, 'ages').normal(truth.length);
  const order = generator(seed, 'order').permutation(classes);
  const spread = Math.sqrt((classes ** 2 - 1) / 12);
  return truth.map((label, i) => {
    const told = (order[label]! - (classes - 1) / 2) / spread;
    return [correlation * told + Math.sqrt(1 - correlation ** 2) * noise[i]!];
  });
};
const cases: readonly { name: string; columns: Column[]; values(seed: number): ColumnValue[][] }[] = [
  { name: 'site, tied to the class in 9 of 10', columns: [site], values: (seed) => sites(0.9, seed) },
  { name: 'site, tied to the class in 5 of 10', columns: [site], values: (seed) => sites(0.5, seed) },
  { name: 'age, correlation 0.7', columns: [age], values: (seed) => ages(0.7, seed) },
  { name: 'age, correlation 0', columns: [age], values: (seed) => ages(0, seed) },
  {
    name: 'two ages and a site, none tells anything',
    columns: [age, age, site],
    values: (seed) => {
      const [one, two, three] = [ages(0, seed), ages(0, seed + 100), sites(0, seed)];
      return truth.map((_, i) => [one[i]![0]!, two[i]![0]!, three[i]![0]!]);
    },
  },
];

function accuracy(seed: number, shots: number, { columns, values }: (typeof cases)[number], length: number): number {
  const order = [...generator(seed, 'draw').permutation(truth.length)];
  const training = Array.from({ length: classes }, (_, label) =>
    order.filter((image) => truth[image] === label).slice(0, shots),
  ).flat();
  const held = order.filter((image) => !training.includes(image)).slice(0, heldImages);
  const all = values(seed);
  const of = (images: readonly number[]): ColumnValue[][] => images.map((image) => all[image]!);
  const fitted = fitColumns(columns, of(training));
  const beside = (images: readonly number[]) => {
    const encoded = encodeColumns(fitted, of(images));
    return { ...encoded, data: encoded.data.map((value) => (value * length) / COLUMNS_LENGTH) };
  };
  const centre = Float32Array.from(mean!.data);
  const labels = training.map((image) => truth[image]!);
  const head = fitProbe(rows(training), labels, classes, centre, beside(training));
  const said = headProbabilities(head, rows(held), { beside: beside(held) });
  const right = held.filter((image, i) => {
    const row = said.subarray(i * classes, (i + 1) * classes);
    return row.indexOf(Math.max(...row)) === truth[image];
  });
  return right.length / held.length;
}

console.log(`named correctly, of 100, mean of ${draws} draws; columns of length ${lengths.join(', ')} (features: 10)`);
for (const shots of [2, 5, 20]) {
  for (const each of cases) {
    const means = lengths.map((length) => {
      const scores = Array.from({ length: draws }, (_, seed) => accuracy(seed, shots, each, length));
      return (100 * scores.reduce((sum, score) => sum + score, 0)) / draws;
    });
    console.log(`${shots} labels per class | ${each.name} | ${means.map((value) => value.toFixed(1)).join(' | ')}`);
  }
}
