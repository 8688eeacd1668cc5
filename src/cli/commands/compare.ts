import { mkdir, readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { z } from 'zod';
import { AppError } from '../../contract/errors.ts';
import { writeWhole } from '../../files/whole.ts';
import type { Command, Shell } from '../command.ts';
import { plural } from '../format/numbers.ts';
import { cellsOf, type Cell } from '../grid/grid.ts';
import { csvOf, markdownOf, rowOf, type CellEnd } from '../grid/table.ts';
import { projectPositional } from '../run-options.ts';

export const compareCommand: Command = {
  name: 'compare',
  summary: 'Run every combination of a grid of settings, and write one table of all results',
  positionals: [projectPositional],
  options: {
    grid: {
      kind: 'text',
      value: '<file>',
      help: 'JSON: options of `run`, each one value or a list; or a list of such grids',
      required: true,
    },
    out: { kind: 'text', value: '<dir>', help: 'where table.csv, table.json and table.md are written', required: true },
  },
  example: 'acclimate compare ./smears-project --grid grid.json --out ./table',
  async run(parsed, shell) {
    const project = resolve(parsed.positionals[0]!);
    const out = resolve(String(parsed.values['out']));
    const cells = await readCells(resolve(String(parsed.values['grid'])));
    const ends: CellEnd[] = cells.map((cell) => ({ cell, state: 'not run', run: null, results: null, error: null }));
    await mkdir(out, { recursive: true });
    await write(out, ends);
    for (const [at, cell] of cells.entries()) {
      shell.say(`Cell ${at + 1} of ${cells.length}: ${Object.values(cell.options).join(', ')}`);
      const base = ends.find(({ cell: { adaptation }, results }) => results && adaptation === cell.adaptation);
      ends[at] = await work(shell, project, cell, base?.run ?? null);
      await write(out, ends);
      if (ends[at].state === 'paused' || ends[at].state === 'cancelled') break;
    }
    const done = ends.filter(({ state }) => state === 'finished').length;
    const left = ends.filter(({ state }) => state === 'not run' || state === 'paused' || state === 'cancelled').length;
    return {
      json: { out, cells: ends.map(rowOf) },
      text: [
        markdownOf(ends),
        `${done} of ${plural(cells.length, 'cell')} finished; the table is in ${out}.`,
        ...(left > 0 ? ['The same command goes on where this one stopped.'] : []),
      ].join('\n'),
      done: done === cells.length,
    };
  },
};

const gridSchema = z.record(z.string(), z.unknown());
/** One grid, or several whose cells come one after another: a later one uses what an earlier one adapted. */
const gridsSchema = z.union([z.array(gridSchema), gridSchema.transform((grid) => [grid])]);

/** @throws AppError `usage.badValue` */
async function readCells(file: string): Promise<Cell[]> {
  const bad = (reason: string): AppError =>
    new AppError('usage.badValue', { command: 'compare', option: '--grid', value: file, reason });
  const text = await readFile(file, 'utf8').catch(() => {
    throw bad('it cannot be read');
  });
  try {
    return gridsSchema.parse(JSON.parse(text)).flatMap(cellsOf);
  } catch (error) {
    if (!(error instanceof z.ZodError)) throw bad('it is not JSON');
    const [issue] = error.issues;
    throw bad(`${issue?.path.join('.') || 'in it'}: ${issue?.message ?? 'not allowed'}`);
  }
}

/** A cell that cannot be, such as more labels per class than there are, says why; the others go on. */
async function work(shell: Shell, project: string, cell: Cell, from: string | null): Promise<CellEnd> {
  const input = { ...cell.options, project, ...(from === null ? {} : { from }) };
  try {
    const { run, outcome, results } = await shell.call('runs.cell', input, { pausable: project });
    return { cell, state: outcome, run, results, error: null };
  } catch (cause) {
    const error = AppError.from(cause);
    // One of these meets every other cell too.
    if (general.has(error.code)) throw error;
    return { cell, state: 'failed', run: null, results: null, error: error.message };
  }
}

const general: ReadonlySet<string> = new Set(['run.busy', 'project.diskFull', 'project.locked', 'process.died']);

async function write(out: string, ends: readonly CellEnd[]): Promise<void> {
  await writeWhole(join(out, 'table.csv'), [csvOf(ends)]);
  await writeWhole(join(out, 'table.md'), [markdownOf(ends)]);
  await writeWhole(join(out, 'table.json'), [`${JSON.stringify(ends.map(rowOf), null, 2)}\n`]);
}
