import { AppError } from '../../contract/errors.ts';
import {
  regimeSchema,
  seedsOfDraw,
  type ArmName,
  type CheckLabels,
  type RegimeName,
} from '../../contract/run-files.ts';
import type { RunFolder, RunPaths } from '../jobs/run-folder.ts';
import { readSafetensors } from '../weights/safetensors.ts';
import { checkWeights } from './check-weights.ts';
import type { Clusters } from './leave-one-out.ts';
import type { Scored } from './metrics.ts';

/** Predictions of one draw and seed, joined with the check labels. */
export interface Cell extends Scored {
  /** Ids of the images, in the order of the labels. */
  readonly images: Int32Array;
  readonly labels: Int32Array;
  readonly probabilities: Float64Array;
  readonly draw: number;
  readonly seed: number;
  readonly regime: RegimeName | null;
  readonly clusters: Clusters;
  /** Absent where every image counts alike. */
  readonly weights?: Float64Array;
}

export type Cells = Readonly<Record<ArmName, readonly Cell[]>>;

/**
 * Reads every prediction of a run, draw by draw and seed by seed. Images without a label are left out.
 * @param pathOf where the predictions of a cell lie
 * @throws AppError `run.incomplete` where a prediction is missing or the two arms were not scored on the same images
 */
export async function readCells(
  run: RunFolder,
  checkLabels: CheckLabels,
  pathOf: RunPaths['predictions'] = run.paths.predictions,
): Promise<Cells> {
  const labelOf = new Map(checkLabels.map((label) => [label.image, label]));
  const read = async (arm: ArmName): Promise<Cell[]> => {
    const cells: Cell[] = [];
    for (let draw = 0; draw < run.manifest.draws.length; draw++) {
      for (const seed of seedsOfDraw(run.spec, draw)) cells.push(await readCell(run, pathOf, arm, seed, draw, labelOf));
    }
    return cells;
  };
  const cells = { plain: await read('plain'), adapted: await read('adapted') };
  for (const [i, { labels, draw, seed }] of cells.plain.entries()) {
    const other = cells.adapted[i]!.labels;
    if (labels.length !== other.length || labels.length === 0) {
      throw new AppError('run.incomplete', { cell: `draw ${draw + 1}, seed ${seed + 1}` });
    }
  }
  return cells;
}

async function readCell(
  run: RunFolder,
  pathOf: RunPaths['predictions'],
  arm: ArmName,
  seed: number,
  draw: number,
  labelOf: ReadonlyMap<number, CheckLabels[number]>,
): Promise<Cell> {
  const incomplete = (cause?: unknown): AppError =>
    new AppError('run.incomplete', { cell: `${arm}, draw ${draw + 1}, seed ${seed + 1}` }, { cause });
  const file = await readSafetensors(pathOf(arm, seed, draw)).catch((error: unknown) => {
    throw error instanceof AppError && error.code === 'weights.not-found' ? incomplete(error) : error;
  });
  const { ids, probabilities } = file.tensors;
  const classes = run.manifest.classes.length;
  if (!ids || !probabilities || probabilities.data.length !== ids.data.length * classes) throw incomplete();
  const rows = [...ids.data.keys()].filter((row) => labelOf.has(ids.data[row]!));
  // Both arms in the same order, whatever order they were written in.
  rows.sort((a, b) => ids.data[a]! - ids.data[b]!);
  const labels = rows.map((row) => labelOf.get(ids.data[row]!)!);
  const regime = regimeSchema.safeParse(file.metadata['regime']);
  const images = Int32Array.from(labels, (label) => label.image);
  const weights = checkWeights(images, run.manifest.drawn);
  return {
    draw,
    seed,
    classes,
    regime: regime.success ? regime.data : null,
    images,
    labels: Int32Array.from(labels, (label) => label.class),
    probabilities: Float64Array.from(
      rows.flatMap((row) => [...probabilities.data.subarray(row * classes, (row + 1) * classes)]),
    ),
    clusters: numbered(labels.map(({ cluster }) => cluster)),
    ...(weights && { weights }),
  };
}

/** Clusters as 0..count−1, in the order they are met. */
export function numbered(clusters: readonly number[]): Clusters {
  const numbers = new Map<number, number>();
  const of = Int32Array.from(clusters, (cluster) => {
    if (!numbers.has(cluster)) numbers.set(cluster, numbers.size);
    return numbers.get(cluster)!;
  });
  return { of, count: numbers.size };
}

/** Regimes an arm was trained with, commonest first. */
export function regimesOf(cells: readonly Cell[]): RegimeName[] {
  const counts = new Map<RegimeName, number>();
  for (const { regime } of cells) if (regime) counts.set(regime, (counts.get(regime) ?? 0) + 1);
  return [...counts].sort((a, b) => b[1] - a[1]).map(([regime]) => regime);
}
