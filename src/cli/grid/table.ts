import type { Results } from '../../contract/results.ts';
import { csvCell } from '../../files/csv.ts';
import { percent, signedRange } from '../format/numbers.ts';
import type { Cell } from './grid.ts';

/** What became of a cell. `not run`: its turn has not come. */
export interface CellEnd {
  readonly cell: Cell;
  readonly state: 'finished' | 'not run' | 'paused' | 'cancelled' | 'collapsed' | 'failed';
  readonly run: string | null;
  readonly results: Results | null;
  /** Of a cell that failed. */
  readonly error: string | null;
}

const metrics = ['accuracy', 'macroF1', 'auc'] as const;
const axes = ['backbone', 'method', 'epochs', 'regime', 'shots', 'fraction', 'columns', 'draws', 'seeds'] as const;

/** One row of the table: which cell, the two arms, and the paired difference with its 95 % interval. */
export function rowOf({ cell, state, run, results, error }: CellEnd): Record<string, string | number | null> {
  const options = Object.entries(cell.options).map(([name, value]) => [name, plain(value)] as const);
  return {
    ...Object.fromEntries(axes.map((name) => [name, null])),
    ...Object.fromEntries(options),
    state,
    run,
    ...Object.fromEntries(
      metrics.flatMap((metric) => [
        [`${metric} without`, results?.arms.plain[metric].mean ?? null],
        [`${metric} with`, results?.arms.adapted[metric].mean ?? null],
        [`${metric} difference`, results?.difference[metric].mean ?? null],
        [`${metric} from`, results?.difference[metric].ci[0] ?? null],
        [`${metric} to`, results?.difference[metric].ci[1] ?? null],
      ]),
    ),
    verdict: results?.verdict ?? null,
    'check images': results?.protocol.checkImages ?? null,
    seconds: results?.seconds ?? null,
    error,
  };
}

const plain = (value: unknown): string | number =>
  typeof value === 'number' || typeof value === 'string' ? value : JSON.stringify(value);

export function csvOf(ends: readonly CellEnd[]): string {
  const rows = ends.map(rowOf);
  const columns = [...new Set(rows.flatMap((row) => Object.keys(row)))];
  const line = (cells: readonly (string | number | null | undefined)[]): string =>
    cells.map((cell) => (typeof cell === 'string' ? csvCell(cell) : (cell ?? ''))).join(',');
  return [columns, ...rows.map((row) => columns.map((name) => row[name]))].map((cells) => `${line(cells)}\n`).join('');
}

/** For people: what differs between cells, accuracy of both arms in percent, and the difference with its range. */
export function markdownOf(ends: readonly CellEnd[]): string {
  const rows = ends.map(rowOf);
  const told = axes.filter((name) => rows.some((row) => row[name] !== null));
  const head = [...told, 'without', 'with', 'difference (95 % range)', 'verdict', 'run'];
  const body = rows.map((row, i) => {
    const { results, state, error } = ends[i] as CellEnd;
    const scores = results ? accuracyOf(results) : ['', '', error ?? state, ''];
    return [...told.map((name) => valueOf(row, name)), ...scores, row['run'] ?? ''];
  });
  const line = (cells: readonly (string | number)[]): string =>
    `| ${cells.map((cell) => String(cell).replaceAll('|', '\\|').replaceAll('\n', ' ')).join(' | ')} |\n`;
  return line(head) + line(head.map(() => '---')) + body.map(line).join('');
}

/** Of shots and fraction one is given and the other does not apply. */
function valueOf(row: ReturnType<typeof rowOf>, name: (typeof axes)[number]): string {
  const other = { shots: 'fraction', fraction: 'shots' }[name as string];
  return String(row[name] ?? (other !== undefined && row[other] !== null ? '' : 'default'));
}

function accuracyOf({ arms, difference, verdict }: Results): string[] {
  const { mean, ci } = difference.accuracy;
  return [
    (100 * arms.plain.accuracy.mean).toFixed(1),
    (100 * arms.adapted.accuracy.mean).toFixed(1),
    signedRange(mean, ci, percent),
    verdict,
  ];
}
