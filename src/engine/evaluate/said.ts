import { armNames, type ArmName, type RunSpec, type Temperatures } from '../../contract/run-files.ts';
import { meanAtTemperature } from '../../statistics/temperature.ts';
import type { Cell, Cells } from './cells.ts';
import { topClass } from './metrics.ts';

/** What an arm said of one check image, over the draws and seeds that are scored. */
export interface Said {
  /** [classes], mean of the probabilities. */
  readonly raw: Float64Array;
  /** The same, every model corrected by the temperature of its draw; null where some draw has none. */
  readonly corrected: Float64Array | null;
  /** Share of the draws and seeds that named it correctly. */
  readonly right: number;
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
  const ofDraws = Map.groupBy(cells, ({ draw }) => draw);
  const parts = new Map<number, { raw: Float64Array; corrected: Float64Array | null; right: number }[]>();
  for (const [draw, ofDraw] of ofDraws) {
    const temperature = temperatures?.draws[draw]?.temperature ?? null;
    const { images, classes } = ofDraw[0]!;
    images.forEach((image, row) => {
      const models = ofDraw.map(({ probabilities }) => probabilities.slice(row * classes, (row + 1) * classes));
      const raw = meanRow(models);
      const hits = ofDraw.filter((cell) => topClass(cell, row) === cell.labels[row]).length;
      const corrected = temperature === null ? null : meanAtTemperature(models, classes, temperature);
      const known = parts.get(image) ?? [];
      known.push({ raw, corrected, right: hits / ofDraw.length });
      parts.set(image, known);
    });
  }
  return new Map(
    [...parts].map(([image, of]) => {
      const corrected = of.flatMap((part) => part.corrected ?? []);
      return [
        image,
        {
          raw: meanRow(of.map(({ raw }) => raw)),
          corrected: corrected.length === of.length ? meanRow(corrected) : null,
          right: of.reduce((sum, { right }) => sum + right, 0) / of.length,
        },
      ];
    }),
  );
}

const meanRow = (rows: readonly Float64Array[]): Float64Array =>
  rows[0]!.map((_, c) => rows.reduce((sum, row) => sum + row[c]!, 0) / rows.length);
