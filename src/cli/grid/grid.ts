import { z } from 'zod';
import { runOptionsSchema, type RunOptions } from '../../contract/runs.ts';

const optionsSchema = z.strictObject(runOptionsSchema.omit({ project: true }).shape);
type CellOptions = Omit<RunOptions, 'project'>;

/** What changes from run to run without another adaptation. */
const trained: ReadonlySet<string> = new Set([
  'shots',
  'draws',
  'regime',
  'testTimeAugmentation',
  'tuneStatistics',
  'auxiliary',
  'auxiliaryWeight',
  'layerDecay',
]);

export interface Cell {
  readonly options: CellOptions;
  /** Equal where one adaptation serves both. */
  readonly adaptation: string;
}

/**
 * Every combination of a grid: options of a run, each with one value or a list of values. Those that share an
 * adaptation come one after another.
 * @throws ZodError where a combination is no options of a run
 */
export function cellsOf(grid: Readonly<Record<string, unknown>>): Cell[] {
  const names = Object.keys(grid);
  const order = [...names.filter((name) => !trained.has(name)), ...names.filter((name) => trained.has(name))];
  let combinations: Record<string, unknown>[] = [{}];
  for (const name of order) {
    const given = grid[name];
    // The only option that is a list itself.
    const values: unknown[] = Array.isArray(given) && name !== 'leaveOut' ? given : [given];
    combinations = combinations.flatMap((options) => values.map((value) => ({ ...options, [name]: value })));
  }
  return combinations.map((options) => ({
    options: optionsSchema.parse(options),
    adaptation: JSON.stringify(Object.entries(options).filter(([name]) => !trained.has(name))),
  }));
}
