import { z } from 'zod';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { resultsSchema, type ArmResult, type Results, type Trust } from '../../contract/results.ts';
import {
  monitorRowSchema,
  temperaturesSchema,
  type ArmName,
  type CheckLabels,
  type Temperatures,
} from '../../contract/run-files.ts';
import { readRunJson, writeRunJson } from '../../files/run-json.ts';
import { openRun, type RunFolder } from '../jobs/run-folder.ts';
import { readCells, regimesOf, type Cell, type Cells } from './cells.ts';
import { columnsNotes, columnsResult } from './columns.ts';
import { readCurve } from './curve.ts';
import { compare, type Design, type Estimates } from './estimates.ts';
import { classAuc, classScores, confusionMatrix, meanOfPresent } from './metrics.ts';
import { notesOf } from './notes.ts';
import { saidOf } from './said.ts';
import { scoredImages } from './scored.ts';
import { trustOf } from './trust.ts';
import { judge } from './verdict.ts';

/** What the record beside an adapted backbone says, as far as results tell it. */
const adaptationSchema = z.object({
  imagesPerSecond: z.number(),
  idleShare: z.number().optional(),
  engine: z.string().optional(),
  monitor: z.array(monitorRowSchema),
});

/**
 * Scores a finished run: reads all predictions, joins them with the check labels, and writes `scores.json`. The one
 * place that sees check labels; it runs after every prediction is on disk, so none can depend on them.
 *
 * `seconds` is the time since the run was created; core, which knows of pauses, puts the working time in its place.
 *
 * @throws AppError `run.incomplete`, `job.run-folder`, `disk.full`
 */
export async function evaluateRun(runFolder: string, checkLabels: CheckLabels): Promise<Results> {
  const run = await openRun(runFolder);
  const cells = await readCells(run, checkLabels);
  const without = run.manifest.columns ? await readCells(run, checkLabels, run.paths.withoutColumns) : null;
  const clusterOf = new Map(checkLabels.map(({ image, cluster }) => [image, cluster]));
  const temperatures = { plain: await readTemperatures(run, 'plain'), adapted: await readTemperatures(run, 'adapted') };
  const said = saidOf(run.spec, cells, temperatures);
  const scored = scoredImages(run.spec, cells, said, clusterOf);
  const trust = (arm: ArmName): Trust => trustOf(scored.images, said[arm], temperatures[arm]);
  const results = resultsSchema.parse({
    ...(await resultsOf(run, cells, without)),
    trust: { plain: trust('plain'), adapted: trust('adapted') },
    curve: {
      plain: await readCurve(run, 'plain', checkLabels),
      adapted: await readCurve(run, 'adapted', checkLabels),
    },
  });
  await writeRunJson(join(runFolder, 'scored.json'), scored);
  await writeRunJson(join(runFolder, 'scores.json'), results);
  return results;
}

/** @param without the same cells without the columns, where the run uses some */
async function resultsOf(run: RunFolder, cells: Cells, without: Cells | null): Promise<Results> {
  const { spec, manifest } = run;
  const design = designOf(run, cells);
  const comparison = compare(cells, design);
  const scoredCells = (arm: ArmName): Cell[] => cells[arm].filter(({ draw }) => design.scored.includes(draw));
  const first = cells.plain[0]!;
  const { notes, ...judged } = judge({
    accuracy: comparison.difference.accuracy,
    spread: comparison.spread,
    balancedAccuracy: comparison.difference.balancedAccuracy,
    plainAccuracy: comparison.arms.plain.accuracy.mean,
    adaptedAccuracy: comparison.arms.adapted.accuracy.mean,
    checkImages: first.labels.length,
  });
  const protocol: Results['protocol'] = {
    kind: spec.protocol.kind,
    check: spec.protocol.check,
    shots: spec.protocol.shots ?? null,
    ...(spec.protocol.fraction !== undefined && { fraction: spec.protocol.fraction }),
    draws: design.shown.length,
    seeds: spec.adapt.seeds,
    checkImages: first.labels.length,
    checkGroups: manifest.groups === undefined ? 0 : first.clusters.count,
    ...(first.weights ? { weighted: true } : {}),
    adaptationImages: Math.min(spec.adapt.maxImages, manifest.adapt.length),
  };
  const armResults = {
    plain: armResult(run, scoredCells('plain'), comparison.arms.plain),
    adapted: armResult(run, scoredCells('adapted'), comparison.arms.adapted),
  };
  const columns = without && columnsResult(run, cells, without, design);
  const adaptations = await readAdaptations(run);
  const device = adaptations.at(-1)?.engine;
  const idle = adaptations.flatMap(({ idleShare }) => (idleShare === undefined ? [] : [idleShare]));
  return {
    run: spec.runId,
    images: manifest.images.length,
    classes: manifest.classes.map(({ name }) => name),
    groups: manifest.groups ?? 0,
    protocol,
    arms: armResults,
    difference: comparison.difference,
    ...(columns && { columns }),
    ...judged,
    notes: [
      ...notes,
      ...(columns ? columnsNotes(columns, judged.deployed) : []),
      ...notesOf(protocol, armResults[judged.deployed]),
    ],
    monitor: adaptations.map(({ monitor }) => monitor),
    seconds: Math.max(0, (Date.now() - Date.parse(spec.createdAt)) / 1000),
    imagesPerSecond: meanOf(adaptations.map(({ imagesPerSecond }) => imagesPerSecond)),
    ...(idle.length > 0 ? { idleShare: meanOf(idle) } : {}),
    ...(device ? { device } : {}),
  };
}

function designOf({ spec, manifest }: RunFolder, cells: Cells): Design {
  const draws = manifest.draws.map((_, draw) => draw);
  const seeds = spec.adapt.seeds;
  if (spec.protocol.check === 'repeated') {
    const test = meanOf(cells.plain.map(({ labels }) => labels.length));
    return {
      seeds,
      scored: draws,
      shown: draws,
      splits: { test, train: meanOf(manifest.draws.map(({ train }) => train.length)) },
    };
  }
  if (spec.protocol.kind === 'subsample') return { seeds, scored: [0], shown: draws.slice(1), splits: null };
  return { seeds, scored: draws, shown: draws, splits: null };
}

function armResult({ manifest }: RunFolder, cells: readonly Cell[], estimates: Estimates): ArmResult {
  const scores = cells.map((cell) => classScores(confusionMatrix(cell)));
  const counts = cells.map(({ labels, probabilities, classes }) => confusionMatrix({ labels, probabilities, classes }));
  const labelled = new Map<number, number>();
  const trained = new Set(manifest.draws[0]?.train);
  for (const { image, class: label } of manifest.training) {
    if (trained.has(image)) labelled.set(label, (labelled.get(label) ?? 0) + 1);
  }
  const average = (values: readonly (number | null)[]): number | null => {
    const mean = meanOfPresent(values);
    return Number.isNaN(mean) ? null : mean;
  };
  return {
    ...estimates,
    regimes: regimesOf(cells),
    perClass: manifest.classes.map(({ name }, c) => ({
      class: name,
      checkImages: cells[0]!.labels.reduce<number>((count, label) => count + (label === c ? 1 : 0), 0),
      trainingLabels: labelled.get(c) ?? 0,
      precision: average(scores.map((cell) => cell[c]!.precision)),
      recall: average(scores.map((cell) => cell[c]!.recall)),
      f1: average(scores.map((cell) => cell[c]!.f1)),
      auc: average(cells.map((cell) => classAuc(cell, c))),
    })),
    confusion: manifest.classes.map((_, row) =>
      manifest.classes.map((__, column) => meanOf(counts.map((confusion) => confusion[row]![column]!))),
    ),
  };
}

/** None of a run from before they were fitted. */
async function readTemperatures({ paths }: RunFolder, arm: ArmName): Promise<Temperatures | null> {
  const file = paths.temperatures(arm);
  return existsSync(file) ? readRunJson(file, temperaturesSchema) : null;
}

const readAdaptations = (run: RunFolder): Promise<z.infer<typeof adaptationSchema>[]> =>
  Promise.all(
    Array.from({ length: run.spec.adapt.seeds }, (_, seed) =>
      readRunJson(`${run.paths.adapt(seed)}.json`, adaptationSchema),
    ),
  );

const meanOf = (values: readonly number[]): number =>
  values.length === 0 ? 0 : values.reduce((total, value) => total + value, 0) / values.length;
