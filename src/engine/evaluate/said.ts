import { armNames, type ArmName, type RunSpec, type Temperatures } from '../../contract/run-files.ts';
import { meanAtTemperature } from '../../statistics/temperature.ts';
import type { Cell, Cells } from './cells.ts';
import { topClass } from './metrics.ts';

/** What the model of one draw, the mean of its seeds, said of a check image. */
export interface Answer {
  readonly draw: number;
  /** [classes] */
  readonly raw: Float64Array;
  /** The same, corrected by the temperature of the draw; null where it has none. */
  readonly corrected: Float64Array | null;
  /** Whether each seed by itself named it correctly, 0 or 1. */
  readonly hits: readonly number[];
}

/** What an arm said of one check image, over the draws and seeds that are scored. */
export interface Said {
  /** [classes], mean of the probabilities. */
  readonly mean: Float64Array;
  /** Draw by draw; of repeated splits those that held it out. */
  readonly answers: readonly Answer[];
}

export const isScored =
  ({ protocol }: RunSpec) =>
  ({ draw }: Pick<Cell, 'draw'>): boolean =>
    protocol.check === 'repeated' || protocol.kind !== 'subsample' || draw === 0;

/** Of each image that is scored, what each arm said. Of repeated splits an image is judged by those that held it out. */
export function saidOf(
  spec: RunSpec,
  cells: Cells,
  temperatures: Readonly<Record<ArmName, Temperatures | null>>,
): Record<ArmName, ReadonlyMap<number, Said>> {
  const [plain, adapted] = armNames.map((arm) => meansOf(cells[arm].filter(isScored(spec)), temperatures[arm]));
  return { plain: plain!, adapted: adapted! };
}

function meansOf(cells: readonly Cell[], temperatures: Temperatures | null): Map<number, Said> {
  const parts = new Map<number, Answer[]>();
  for (const [draw, ofDraw] of Map.groupBy(cells, (cell) => cell.draw)) {
    const temperature = temperatures?.draws[draw]?.temperature ?? null;
    const { images, classes } = ofDraw[0]!;
    images.forEach((image, row) => {
      const models = ofDraw.map(({ probabilities }) => probabilities.slice(row * classes, (row + 1) * classes));
      const hits = ofDraw.map((cell) => Number(topClass(cell, row) === cell.labels[row]));
      const corrected = temperature === null ? null : meanAtTemperature(models, classes, temperature);
      const known = parts.get(image) ?? [];
      known.push({ draw, raw: meanRow(models), corrected, hits });
      parts.set(image, known);
    });
  }
  return new Map(
    [...parts].map(([image, answers]) => [image, { mean: meanRow(answers.map(({ raw }) => raw)), answers }]),
  );
}

const meanRow = (rows: readonly Float64Array[]): Float64Array =>
  rows[0]!.map((_, c) => rows.reduce((sum, row) => sum + row[c]!, 0) / rows.length);
