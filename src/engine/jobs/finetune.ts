import { z } from 'zod';
import { regimeSchema, type ArmName, type RegimeName } from '../../contract/run-files.ts';
import { readRunJson, writeRunJson } from '../../files/run-json.ts';
import { copyWhole, throwDiskFull } from '../../files/whole.ts';
import { best, foldsOf, scoreFold, type TrainingLabel } from '../regimes/select.ts';
import { armFeatures } from './embed.ts';
import { backboneOf, cellSeed, type Job } from './job.ts';
import { predictionsRegime, writeModel, writePredictions } from './model-file.ts';
import { probabilitiesOf, train, type Base } from './train.ts';
import { viewFeatures } from './view-features.ts';

/**
 * One cell of the comparison: trains on the labels of one draw and writes the probabilities of the images that draw is
 * scored on, and the model. The same draw and seed mean the same order and views in both arms. Where columns join the
 * features, the same is done without them too, to tell what they add.
 * @returns the regime
 */
export async function finetune(job: Job, arm: ArmName, seed: number, draw: number): Promise<RegimeName> {
  const { paths, manifest, spec } = job.run;
  const predictions = paths.predictions(arm, seed, draw);
  const done = await predictionsRegime(predictions);
  if (done) return done;
  const split = job.usable.draws[draw];
  if (!split) throw new RangeError(`the run has no draw ${draw}`);
  const regime = await regimeOf(job, arm);
  if (arm === 'plain' && regime === 'probe' && seed > 0) {
    // Nothing of a probe on the unadapted backbone depends on the seed.
    await finetune(job, arm, 0, draw);
    await copyWhole(paths.model(arm, 0, draw), paths.model(arm, seed, draw)).catch(throwDiskFull);
    if (manifest.columns) {
      await copyWhole(paths.withoutColumns(arm, 0, draw), paths.withoutColumns(arm, seed, draw)).catch(throwDiskFull);
    }
    await copyWhole(paths.predictions(arm, 0, draw), predictions).catch(throwDiskFull);
    return regime;
  }
  const base = await baseOf(job, arm, seed);
  const labels = labelsOf(job, draw);
  const ids = split.score ?? job.usable.check;
  if (manifest.columns) {
    const without = await train(job, regime, base, labels, cellSeed(spec.seed, seed, draw), []);
    const said = await probabilitiesOf(job, without, base.features, ids);
    await writePredictions(paths.withoutColumns(arm, seed, draw), ids, said, regime);
  }
  const model = await train(job, regime, base, labels, cellSeed(spec.seed, seed, draw));
  const probabilities = await probabilitiesOf(job, model, base.features, ids);
  // A tuned backbone is large: it is kept where the model can be applied, which is the draw with all training labels.
  if (!model.backbone || draw === wholeDraw(job)) {
    const classes = manifest.classes.map(({ name }) => name);
    await writeModel(paths.model(arm, seed, draw), model, classes);
  }
  await writePredictions(predictions, ids, probabilities, regime);
  return regime;
}

export const baseOf = async (job: Job, arm: ArmName, seed: number): Promise<Base> => ({
  features: await armFeatures(job, arm, seed),
  backbone: () => backboneOf(job, arm, seed),
  views: (wanted) => viewFeatures(job, arm, seed, wanted),
});

/** The draw that trains on all training labels, or -1. */
export const wholeDraw = ({ usable: { training, draws } }: Job): number =>
  draws.findIndex(({ train: ids, score }) => !score && new Set(ids).size === training.length);

/** Training labels that models without them told. */
const heldOutSchema = z.object({
  images: z.array(z.int()),
  /** [images.length, classes] */
  probabilities: z.array(z.number()),
});
const choiceSchema = z.object({
  regime: regimeSchema,
  /** By the chosen regime, where there was a choice. */
  heldOut: heldOutSchema.optional(),
});
export type Choice = z.infer<typeof choiceSchema>;

/** Training labels of a draw. */
export function labelsOf(job: Job, draw: number): TrainingLabel[] {
  const chosen = new Set(job.usable.draws[draw]?.train);
  return job.usable.training.filter(({ image }) => chosen.has(image));
}

/**
 * The regime of an arm: the only one of the specification, or the best of them by cross-validation on the training
 * labels of the first draw, with the first adaptation seed. Too few labels to cross-validate: the first one named.
 */
export const regimeOf = async (job: Job, arm: ArmName): Promise<RegimeName> => (await choiceOf(job, arm)).regime;

export async function choiceOf(job: Job, arm: ArmName): Promise<Choice> {
  const { spec, paths, manifest } = job.run;
  const [only, ...others] = spec.regimes;
  if (only !== undefined && others.length === 0) return { regime: only };
  const known = await readRunJson(paths.choice(arm), choiceSchema).catch(() => null);
  if (known) return known;
  const base = await baseOf(job, arm, 0);
  const seed = cellSeed(spec.seed, 0);
  const folds = foldsOf(labelsOf(job, 0), seed);
  // Progress is of the cell that is trained afterwards: it must not run several times to its end.
  const quiet: Job = { ...job, context: { ...job.context, progress: () => {} } };
  const candidates = [];
  const told = new Map<RegimeName, number[]>();
  const images = folds.flatMap(({ held }) => held.map(({ image }) => image));
  for (const name of spec.regimes) {
    const scores = [];
    const heldOut: number[] = [];
    for (const { train: part, held } of folds) {
      const model = await train(quiet, name, base, part, seed);
      const ids = held.map(({ image }) => image);
      const probabilities = await probabilitiesOf(quiet, model, base.features, ids);
      scores.push(scoreFold(probabilities, held, manifest.classes.length));
      heldOut.push(...probabilities);
    }
    candidates.push({ name, scores });
    told.set(name, heldOut);
  }
  const regime = folds.length > 0 ? best(candidates) : (only as RegimeName);
  const choice: Choice = {
    regime,
    ...(folds.length > 0 && { heldOut: { images, probabilities: told.get(regime) ?? [] } }),
  };
  await writeRunJson(paths.choice(arm), { ...choice, candidates });
  return choice;
}
