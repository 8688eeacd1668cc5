import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { AppError } from '../../contract/errors.ts';
import { manifestSchema, runSpecSchema, type Manifest, type RunSpec } from '../../contract/run-files.ts';
import type { RunRow } from '../../contract/runs.ts';
import { readRunJson, writeRunJson } from '../../files/run-json.ts';
import { columnsOf, keptColumns, valuesIn, withColumns } from '../columns/columns.ts';
import type { Project } from '../db/open.ts';
import { assertEnough, fractionDraws, repeatedDraws, shotsDraws, subsampleDraws, type Draw } from '../splits/draws.ts';
import { assertNoLeak } from '../splits/guard.ts';
import { learnedFrom } from '../splits/learned-from.ts';
import {
  checkImages,
  drawnImages,
  manifestImages,
  repeatedSide,
  trainingSide,
  type TrainingSide,
} from '../splits/sides.ts';
import type { Settings } from './settings.ts';

/** Below this many labelled check images, labels are split repeatedly instead. */
const leastCheckImages = 30;
/** Repeated splits vary more than draws scored on one set of images. */
const repeatedSplits = 10;

export interface Specification {
  readonly spec: RunSpec;
  readonly manifest: Manifest;
}

export interface RunIdentity {
  readonly id: string;
  readonly kind: RunRow['kind'];
  readonly createdAt: string;
}

/**
 * Freezes what a run does and with which images. Checked for leaks before it is used.
 * @throws AppError `classes.none`, `classes.one`, `labels.few`, `labels.noCheck`, `run.nothingToAdapt`, `split.leak`,
 *   `columns.unknown`, `columns.empty`, `columns.tooMany`
 */
export function specify(project: Project, run: RunIdentity, settings: Settings): Specification {
  const { shots, fraction, draws: _, columns: names, leaveOut, ...rest } = settings;
  const material =
    run.kind === 'adapt' || run.kind === 'embed' ? unscored(project, run.kind, leaveOut) : scored(project, settings);
  const { side, check, draws, drawn, kind } = material;
  if ((run.kind === 'adapt' || run.kind === 'one-click') && side.adapt.length === 0) {
    throw new AppError('run.nothingToAdapt', { needed: leastCheckImages });
  }
  const training = side.training.map(({ image }) => image);
  const labelled = [...training, ...check, ...draws.flatMap((draw) => draw.score ?? [])];
  const adapt = learnedFrom(side.adapt, { most: settings.adapt.maxImages, seed: settings.seed });
  const used = [...adapt, ...labelled];
  // Where nothing is trained on labels there is no head that columns could join.
  const columns = draws.length === 0 ? [] : columnsOf(project.db, names, training);
  const groups = project.db.prepare<[], number>(`SELECT count(*) FROM image_group`).pluck().get() ?? 0;
  const manifest: Manifest = {
    version: 1,
    cacheFolder: project.paths.cache,
    ...(groups > 0 ? { groups } : {}),
    images: withColumns(project.db, columns, manifestImages(project, used), labelled),
    classes: side.classes,
    adapt,
    training: [...side.training],
    draws,
    ...(columns.length > 0 ? { columns } : {}),
    check,
    ...(drawn.length > 0 ? { drawn } : {}),
    ...reportedBy(project, side.training),
  };
  // Nothing is trained or scored where features are only written down.
  if (run.kind !== 'embed') assertNoLeak(project, manifest);
  const spec: RunSpec = {
    version: 1,
    runId: run.id,
    createdAt: run.createdAt,
    ...rest,
    protocol: {
      ...(kind === 'repeated' ? { kind: 'subsample' } : labelsOfDraws({ shots, fraction })),
      draws: Math.max(1, draws.length),
      check: kind,
    },
  };
  return { spec, manifest };
}

function labelsOfDraws({ shots, fraction }: Pick<Settings, 'shots' | 'fraction'>) {
  if (shots !== null) return { kind: 'shots', shots } as const;
  return fraction === null ? ({ kind: 'subsample' } as const) : ({ kind: 'fraction', fraction } as const);
}

/** Values of the columns that results are reported by, of images with a training label. */
function reportedBy({ db }: Project, training: TrainingSide['training']): Pick<Manifest, 'reportBy'> {
  const wanted = new Set(training.map(({ image }) => image));
  const reportBy = keptColumns(db)
    .map((column) => ({
      column,
      values: [...valuesIn(db, column)].flatMap(([image, value]) => (wanted.has(image) ? [{ image, value }] : [])),
    }))
    .filter(({ values }) => values.length > 0);
  return reportBy.length > 0 ? { reportBy } : {};
}

interface Material {
  readonly side: TrainingSide;
  readonly check: number[];
  readonly draws: Draw[];
  readonly drawn: NonNullable<Manifest['drawn']>;
  readonly kind: 'reserved' | 'repeated';
}

function scored(project: Project, { shots, fraction, draws, seed, leaveOut }: Settings): Material {
  const side = trainingSideOrNone(project, leaveOut);
  const check = side ? checkImages(project, side.classes) : [];
  if (side && check.length >= leastCheckImages) {
    const { classes, training } = side;
    const ofTraining =
      shots !== null
        ? shotsDraws(training, classes, { shots, draws, seed })
        : fraction !== null
          ? fractionDraws(training, classes, { fraction, draws, seed })
          : [{ train: training.map(({ image }) => image) }, ...subsampleDraws(training, classes, { draws, seed })];
    return { side, check, draws: ofTraining, drawn: drawnImages(project, check), kind: 'reserved' };
  }
  const all = repeatedSide(project, leaveOut);
  // Every label is used here, but who asks for more per class than there are is told so all the same.
  if (shots !== null) assertEnough(all.training, all.classes, shots);
  const splits = repeatedDraws(all.training, all.classes, { draws: Math.max(draws, repeatedSplits), seed });
  return { side: all, check: [], draws: splits, drawn: [], kind: 'repeated' };
}

/** With labels on the check side alone there is nothing to train with, but repeated splits may do. */
function trainingSideOrNone(project: Project, leaveOut: readonly string[]): TrainingSide | null {
  try {
    return trainingSide(project, leaveOut);
  } catch (error) {
    if (error instanceof AppError && (error.code === 'classes.none' || error.code === 'classes.one')) return null;
    throw error;
  }
}

/** For adaptation or features alone: labels are not needed, and those there are serve the monitor of an adaptation. */
function unscored(project: Project, kind: 'adapt' | 'embed', leaveOut: readonly string[]): Material {
  const learnable = readable(project, `side = 'training'`);
  const known = trainingSideOrNone(project, leaveOut);
  const unlabelled = known && known.adapt.length > 0 ? known.adapt : learnable;
  const side = known && kind === 'adapt' ? known : { classes: [], adapt: unlabelled, training: [] };
  if (side.classes.length > 0 && checkImages(project, side.classes).length < leastCheckImages) {
    // A comparison on this adaptation will hold out labelled images, so it must not have seen them.
    const unseen = new Set(repeatedSide(project, leaveOut).adapt);
    return {
      side: { ...side, adapt: side.adapt.filter((id) => unseen.has(id)) },
      check: [],
      draws: [],
      drawn: [],
      kind: 'reserved',
    };
  }
  return { side, check: [], draws: [], drawn: [], kind: 'reserved' };
}

const readable = ({ db }: Project, condition: string): number[] =>
  db.prepare<[], number>(`SELECT id FROM image WHERE state = 'ok' AND ${condition} ORDER BY id`).pluck().all();

/** Writes both files, each atomically; a run's folder is its owner's only. */
export async function writeSpecification(runFolder: string, { spec, manifest }: Specification): Promise<void> {
  mkdirSync(runFolder, { recursive: true, mode: 0o700 });
  await writeRunJson(join(runFolder, 'manifest.json'), manifestSchema.parse(manifest));
  await writeRunJson(join(runFolder, 'spec.json'), runSpecSchema.parse(spec));
}

/**
 * What a run does, without its images; null where the run never came so far.
 * @throws AppError `job.run-folder`
 */
export async function readSpec(runFolder: string): Promise<RunSpec | null> {
  const file = join(runFolder, 'spec.json');
  return existsSync(file) ? readRunJson(file, runSpecSchema) : null;
}

/**
 * What was frozen for a run, or null where the run never came so far.
 * @throws AppError `job.run-folder`
 */
export async function readSpecification(runFolder: string): Promise<Specification | null> {
  const spec = await readSpec(runFolder);
  return spec && { spec, manifest: await readRunJson(join(runFolder, 'manifest.json'), manifestSchema) };
}
