import { z } from 'zod';
import { runOptionsSchema, type RunOptions } from '../../contract/runs.ts';

const optionsSchema = z.strictObject(runOptionsSchema.omit({ project: true }).shape);
type CellOptions = Omit<RunOptions, 'project'>;

/** What changes from run to run without another adaptation. */
const trained: ReadonlySet<string> = new Set([
  'shots',
  'fraction',
  'draws',
  'regime',
  'testTimeAugmentation',
  'tuneStatistics',
  'auxiliary',
  'auxiliaryWeight',
  'layerDecay',
  'columns',
]);

export interface Cell {
  readonly options: CellOptions;
  /** Equal where one adaptation serves both. */
  readonly adaptation: string;
}

const lists: ReadonlySet<string> = new Set(['leaveOut', 'columns']);

const valuesOf = (grid: Readonly<Record<string, unknown>>, name: string): Record<string, unknown>[] => {
  const given = grid[name];
  // An option that is a list itself varies in a list of lists.
  const isOne = lists.has(name) && Array.isArray(given) && !given.some(Array.isArray);
  const values: unknown[] = Array.isArray(given) && !isOne ? given : [given];
  return values.map((value) => ({ [name]: value }));
};

/**
 * Every combination of a grid: options of a run, each with one value or a list of values. Those that share an
 * adaptation come one after another. `shots` and `fraction` both say how many labels a draw has, so they are one axis.
 * @throws ZodError where a combination is no options of a run
 */
export function cellsOf(grid: Readonly<Record<string, unknown>>): Cell[] {
  const names = Object.keys(grid);
  const order = [...names.filter((name) => !trained.has(name)), ...names.filter((name) => trained.has(name))];
  let combinations: Record<string, unknown>[] = [{}];
  for (const name of order) {
    if (name === 'fraction' && 'shots' in grid) continue;
    const also = name === 'shots' && 'fraction' in grid ? valuesOf(grid, 'fraction') : [];
    const values = [...valuesOf(grid, name), ...also];
    combinations = combinations.flatMap((options) => values.map((value) => ({ ...options, ...value })));
  }
  return combinations.map((options) => ({
    options: optionsSchema.parse(options),
    adaptation: JSON.stringify(
      Object.entries(options)
        .filter(([name]) => !trained.has(name))
        .sort(([a], [b]) => (a < b ? -1 : 1)),
    ),
  }));
}
