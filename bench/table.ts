/**
 * The table of the field: every method beside the plain model, and what the best ones do retrained, for longer and on a
 * larger backbone. About 10 hours on 2 cores; it goes on where it was stopped, and adds to the record after each method.
 *
 *   npm run bench:table -- --data <folder with rsscn7/ and pbc_blood/> --work <folder for projects> \
 *     [--part a] [--only simclr] [--set rsscn7] [--best simclr,dino,byol] [--json bench/results/table.json]
 *   npm run bench:table -- --write docs/results.md [--json bench/results/table.json]
 *
 * Part d needs weights of EfficientNet-Lite2 (`acclimate weights`).
 */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { z } from 'zod';
import { acclimate } from './acclimate.ts';
import { partsOf, sets } from './table/parts.ts';
import { recordSchema, type Row } from './table/record.ts';
import { replaceTables } from './table/markdown.ts';

const { values } = parseArgs({
  options: {
    data: { type: 'string' },
    work: { type: 'string' },
    part: { type: 'string' },
    only: { type: 'string' },
    set: { type: 'string' },
    best: { type: 'string', default: '' },
    json: { type: 'string', default: 'bench/results/table.json' },
    write: { type: 'string' },
  },
});
const record: Row[] = existsSync(values.json) ? recordSchema.parse(JSON.parse(readFileSync(values.json, 'utf8'))) : [];
if (values.write) {
  writeFileSync(values.write, replaceTables(readFileSync(values.write, 'utf8'), record));
  process.exit(0);
}
if (!values.data || !values.work) throw new Error('--data and --work are needed, or --write');
const [data, work] = [values.data, resolve(values.work)];
mkdirSync(work, { recursive: true });

const best = values.best.split(',').filter(Boolean);
const asked = values.only?.split(',');
for (const { part, name, grids } of partsOf(best)) {
  if (values.part && part !== values.part) continue;
  if (asked && !asked.includes(name)) continue;
  for (const set of sets) {
    if (values.set && set !== values.set) continue;
    const project = join(work, set);
    if (!existsSync(project))
      acclimate(z.object({ images: z.number() }), 'import', join(data, set), '--project', project);
    const out = join(work, `${set}-${part}-${name.replaceAll(/\W+/g, '-')}`);
    mkdirSync(out, { recursive: true });
    const grid = join(out, 'grid.json');
    writeFileSync(grid, JSON.stringify(grids));
    const { cells } = acclimate(
      z.object({ cells: z.array(z.unknown()) }),
      'compare',
      project,
      '--grid',
      grid,
      '--out',
      out,
    );
    add({ set, part, name }, cells);
  }
}

/** Adds to the record what a call of `compare` found; a row of the same cell is replaced. */
function add(of: Pick<Row, 'set' | 'part' | 'name'>, cells: readonly unknown[]): void {
  const machine = `${cpus()[0]?.model.trim()}, ${new Date().toISOString().slice(0, 10)}`;
  for (const cell of cells) {
    const row = recordSchema.element.parse({ ...of, machine, ...z.record(z.string(), z.unknown()).parse(cell) });
    // What a later part takes from an earlier one is recorded with that one.
    if (of.part === 'b' && row.regime === 'probe') continue;
    const at = record.findIndex((known) => keyOf(known) === keyOf(row));
    record.splice(at < 0 ? record.length : at, at < 0 ? 0 : 1, row);
  }
  writeFileSync(values.json, `${JSON.stringify(record, null, 2)}\n`);
}

function keyOf({ set, part, name, regime, shots }: Row): string {
  return JSON.stringify([set, part, name, regime, shots]);
}
