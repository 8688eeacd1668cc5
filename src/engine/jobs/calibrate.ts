import { stat } from 'node:fs/promises';
import { seedsOfDraw, temperaturesSchema, type ArmName, type Temperatures } from '../../contract/run-files.ts';
import { readRunJson, writeRunJson } from '../../files/run-json.ts';
import { fitTemperature } from '../../statistics/temperature.ts';
import { partialProbes } from '../regimes/held-out.ts';
import { FOLDS, spreadFolds, type Fold, type TrainingLabel } from '../regimes/select.ts';
import { armFeatures } from './embed.ts';
import { baseOf, choiceOf, labelsOf, regimeOf, wholeDraw } from './finetune.ts';
import { cellSeed, type Job } from './job.ts';
import { seedsOf } from './deploy.ts';
import { probabilitiesOf, train } from './train.ts';

/** Few labels are held out at a time, so that the rest are nearly all of them; more where a fit takes seconds. */
const probeFolds = (labels: number): number => (labels <= 500 ? 10 : labels <= 2000 ? 5 : FOLDS);
/** One number is fitted to what comes out: no more digits are needed. */
const tolerance = 1e-4;
/**
 * Models that lack a tenth of very few labels are told from the one that has all, and the correction does harm as often
 * as good: with 5 per class on one of two sets. With 10 it did much good on one and little harm on the other
 * (`bench/temperature.ts`).
 */
const fewestPerClass = 10;

/**
 * Fits the temperatures of an arm: of each draw, and of the model that is applied. Each training label is told by
 * models that had neither it nor its group among their labels (out of fold), one per seed, averaged as the applied ones
 * are; check images have no part in it. A backbone that is tuned is trained anew for each fold with the
 * first seed, for the draw with all training labels alone.
 */
export async function calibrate(job: Job, arm: ArmName): Promise<Temperatures> {
  const path = job.run.paths.temperatures(arm);
  if (await stat(path).catch(() => null)) return readRunJson(path, temperaturesSchema);
  const regime = await regimeOf(job, arm);
  const whole = wholeDraw(job);
  // What columns become is learned from the training labels of each fold too.
  const heldOut = regime === 'probe' && !job.run.manifest.columns ? heldOutByProbe : heldOutByTraining;
  const fitted = async (labels: readonly TrainingLabel[], draw?: number): Promise<Temperatures['applied']> => {
    // Holding labels out of a tuned backbone is a training for each fold: for the draw that is applied alone.
    if (regime !== 'probe' && (draw !== whole || draw !== 0)) return null;
    const held = await heldOut(job, arm, labels, draw);
    const classes = job.run.manifest.classes.length;
    if (held.labels.length < fewestPerClass * classes) return null;
    const temperature = fitTemperature(
      held.models,
      held.labels.map((label) => label.class),
      classes,
    );
    return { temperature, labels: held.labels.length };
  };
  const draws = [];
  for (const [draw, { score }] of job.usable.draws.entries()) {
    // Draws that only show the spread are not scored.
    const isScored = score !== undefined || job.run.spec.protocol.kind !== 'subsample' || draw === whole;
    draws.push(isScored ? await fitted(labelsOf(job, draw), draw) : null);
  }
  const applied = whole >= 0 ? (draws[whole] ?? null) : await fitted(job.usable.training);
  const temperatures: Temperatures = { version: 1, draws, applied };
  await writeRunJson(path, temperatures);
  return temperatures;
}

/** What the probabilities of the applied model are corrected by; 1 where nothing was fitted. */
export async function appliedTemperature({ run }: Pick<Job, 'run'>, arm: ArmName): Promise<number> {
  const file = run.paths.temperatures(arm);
  if (!(await stat(file).catch(() => null))) return 1;
  return (await readRunJson(file, temperaturesSchema)).applied?.temperature ?? 1;
}

interface HeldOut {
  readonly labels: readonly TrainingLabel[];
  /** Probabilities [labels.length, classes] by each seed. */
  readonly models: readonly Float64Array[];
}

async function heldOutByProbe(
  job: Job,
  arm: ArmName,
  labels: readonly TrainingLabel[],
  draw?: number,
): Promise<HeldOut> {
  const { spec, manifest } = job.run;
  const classes = manifest.classes.length;
  const folds = tellable(spreadFolds(labels, cellSeed(spec.seed, 0, draw), probeFolds(labels.length)));
  const place = new Map(labels.map(({ image }, row) => [image, row]));
  const rowsOf = (some: readonly TrainingLabel[]): number[] => some.map(({ image }) => place.get(image)!);
  const held = folds.flatMap((fold) => fold.held);
  const models: Float64Array[] = [];
  const seeds = seedsOf(job, arm, 'probe').filter(
    (seed) => draw === undefined || seedsOfDraw(spec, draw).includes(seed),
  );
  for (const seed of seeds) {
    const features = await armFeatures(job, arm, seed);
    const truth = labels.map((label) => label.class);
    const probes = partialProbes(features.rows(labels.map(({ image }) => image)), truth, classes, features.mean);
    const model = new Float64Array(held.length * classes);
    let at = 0;
    for (const fold of folds) {
      job.context.signal.throwIfAborted();
      const part = probes.fit(rowsOf(fold.train), rowsOf(fold.held), 'labels', tolerance);
      model.set(part, at);
      at += part.length;
    }
    models.push(model);
  }
  return { labels: held, models };
}

async function heldOutByTraining(job: Job, arm: ArmName, labels: readonly TrainingLabel[]): Promise<HeldOut> {
  const { heldOut: chosenBy } = await choiceOf(job, arm);
  if (chosenBy) {
    // Choosing the regime held out the same labels: of the first draw, which is the one with all of them.
    const labelOf = new Map(labels.map((label) => [label.image, label]));
    const found = chosenBy.images.map((image) => labelOf.get(image)!);
    return { labels: found, models: [Float64Array.from(chosenBy.probabilities)] };
  }
  const seed = cellSeed(job.run.spec.seed, 0);
  const folds = tellable(spreadFolds(labels, seed, FOLDS));
  const regime = await regimeOf(job, arm);
  const base = await baseOf(job, arm, 0);
  const quiet: Job = { ...job, context: { ...job.context, progress: () => {} } };
  const parts = [];
  for (const fold of folds) {
    const model = await train(quiet, regime, base, fold.train, seed);
    parts.push(
      await probabilitiesOf(
        quiet,
        model,
        base.features,
        fold.held.map(({ image }) => image),
      ),
    );
  }
  return {
    labels: folds.flatMap((fold) => fold.held),
    models: [Float64Array.from(parts.flatMap((part) => [...part]))],
  };
}

/** A label whose class has no other label outside its fold cannot be told by a model that never saw the class. */
const tellable = (folds: readonly Fold[]): Fold[] =>
  folds
    .map(({ train: part, held }) => {
      const known = new Set(part.map((label) => label.class));
      return { train: part, held: known.size > 1 ? held.filter((label) => known.has(label.class)) : [] };
    })
    .filter(({ held }) => held.length > 0);
