import type { Column, ColumnValue, RegimeName } from '../../contract/run-files.ts';
import { AppError } from '../../contract/errors.ts';
import type { BatchStatistics } from '../backbones/types.ts';
import { viewPreset } from '../augment/presets.ts';
import { generator } from '../data/random.ts';
import { createReader } from '../data/reader.ts';
import { createSampler } from '../data/sampler.ts';
import { method, settingsOf } from '../methods/registry.ts';
import { select, stripPrefix } from '../nn/tree.ts';
import type { HostTree } from '../nn/types.ts';
import { encodeColumns, fitColumns, type FittedColumn } from '../regimes/columns.ts';
import { balancedWeights, type Samples } from '../regimes/logistic.ts';
import { fitProbe, headOf, headProbabilities, headTree, type Head } from '../regimes/probe.ts';
import type { Auxiliary } from '../regimes/programs/auxiliary.ts';
import { finetuneProgram } from '../regimes/programs/finetune.ts';
import { FINETUNE_BATCH, finetuneSteps, regimes, type Regime } from '../regimes/registry.ts';
import type { TrainingLabel } from '../regimes/select.ts';
import type { FinetuneContext } from '../regimes/types.ts';
import { begin } from './begin.ts';
import type { ArmFeatures } from './embed.ts';
import { createEmbedder, turnsOf } from './embedder.ts';
import type { Job } from './job.ts';
import { createMeter } from './meter.ts';
import { teacherOf } from './teacher.ts';
import { trainHead, type Lesson } from './train-head.ts';
import type { ImageView } from './view-features.ts';

/** A classifier: its head, and its backbone where that was tuned. */
export interface Model {
  readonly regime: RegimeName;
  readonly head: Head;
  readonly backbone: HostTree | null;
  /** What joined the features in the head, in this order. */
  readonly columns: readonly FittedColumn[];
}

/** What one arm and seed starts from. */
export interface Base {
  readonly features: ArmFeatures;
  /** Read only where a regime tunes it. */
  backbone(): Promise<HostTree>;
  /** Features of random views of images, for a head that learns while the backbone is held. */
  views(wanted: readonly ImageView[]): Promise<(view: ImageView) => Float32Array>;
}

/**
 * Trains on labels by one regime. The probe comes first; other regimes go on from it.
 * @param seed of order and views
 * @param joining columns that join the features in the head
 * @throws AppError `train.nan`, `job.no-labels`
 */
export async function train(
  job: Job,
  name: RegimeName,
  base: Base,
  labels: readonly TrainingLabel[],
  seed: number,
  joining: readonly Column[] = job.run.manifest.columns ?? [],
): Promise<Model> {
  if (labels.length === 0) throw new AppError('job.no-labels');
  const classes = job.run.manifest.classes.length;
  const ids = labels.map(({ image }) => image);
  const truth = labels.map((label) => label.class);
  const { features } = base;
  const rows = columnsOf(job, ids);
  const columns = fitColumns(joining, rows);
  const beside = encodeColumns(columns, rows);
  const { weight, bias, mean } = fitProbe(features.rows(ids), truth, classes, features.mean, beside);
  const head: Head = { weight, bias, mean };
  const regime = regimes[name];
  if (regime.trains === null) return { regime: name, head, backbone: null, columns };
  const tuned = await tune(job, regime, regime.trains, head, base, labels, beside, seed);
  return { regime: name, ...tuned, columns };
}

async function tune(
  job: Job,
  regime: Regime,
  trains: FinetuneContext['trains'],
  head: Head,
  base: Base,
  labels: readonly TrainingLabel[],
  beside: Samples,
  seed: number,
): Promise<Pick<Model, 'head' | 'backbone'>> {
  const { run, records, services, executor, context } = job;
  const { spec, manifest } = run;
  const classes = manifest.classes.length;
  const statistics = spec.tuneStatistics ?? 'frozen';
  const auxiliary = auxiliaryOf(job, statistics);
  const rule = regime.rule?.(labels.length);
  const finetune: FinetuneContext = {
    backbone: job.backbone,
    statistics,
    classes,
    batch: FINETUNE_BATCH,
    recordSide: spec.recordSide,
    size: spec.size,
    views: viewPreset(spec.views),
    beside: beside.columns,
    trains,
    ...(rule && { recipe: rule }),
    layerDecay: spec.layerDecay ?? 1,
    ...(auxiliary && { auxiliary }),
  };
  const program = finetuneProgram(finetune);
  const steps = rule?.steps ?? finetuneSteps(labels.length, classes);
  const headSteps = Math.round(steps * regime.headShare);
  const sampler = createSampler([...labels.keys()], FINETUNE_BATCH, seed);
  const weights = balancedWeights(
    labels.map((label) => label.class),
    classes,
  );
  const shape = [FINETUNE_BATCH];
  const lesson: Lesson = {
    images: labels.map(({ image }) => image),
    at: (step) => [...sampler.batch(step)],
    batch: (places) => ({
      labels: { shape, dtype: 'int32', data: Int32Array.from(places, (i) => (labels[i] as TrainingLabel).class) },
      weights: { shape, dtype: 'float32', data: Float32Array.from(places, (i) => weights[i] as number) },
      ...(beside.columns > 0 && { beside: rowsOf(beside, places) }),
    }),
  };
  const meter = createMeter((progress) => context.progress(progress), 'train', steps * FINETUNE_BATCH);
  const start = headSteps > 0 ? await trainHead(job, head, lesson, headSteps, (wanted) => base.views(wanted)) : head;
  meter.advance(headSteps * FINETUNE_BATCH);
  const about = [
    trains,
    classes,
    spec.recordSide,
    spec.size,
    spec.views,
    statistics,
    spec.auxiliary?.method,
    spec.layerDecay,
    rule && [rule.optimizer, rule.mixUp > 0],
    beside.columns,
  ];
  const key = JSON.stringify(about);
  const programKey = `finetune ${job.backbone.name} ${key}`;
  const compiled = await services.programs.get(executor, 'step', programKey, () => program);
  const backbone = await base.backbone();
  const begun = auxiliary && (await auxiliaryStart(job, auxiliary, backbone, seed));
  await compiled.load(program.initialState(backbone, headTree(start), generator(seed, 'finetune heads'), begun));
  const imagesOf = (step: number) => lesson.at(step).map((i) => run.image((labels[i] as TrainingLabel).image));
  const reader = createReader({ records, imagesOf, batch: FINETUNE_BATCH, firstStep: headSteps, steps });
  try {
    for (let step = headSteps; step < steps; step++) {
      context.signal.throwIfAborted();
      const metrics = await compiled.run({
        batch: { ...(await reader.next()), ...lesson.batch(lesson.at(step)) },
        hyper: program.hyper({ step: step - headSteps, stepsPerEpoch: steps - headSteps, epochs: 1 }),
        random: program.random(generator(seed, 'finetune views', step)),
      });
      if (!Number.isFinite(metrics['loss']?.data[0])) throw new AppError('train.nan', { pass: 1 });
      meter.advance(FINETUNE_BATCH);
    }
    const state = await compiled.read();
    return {
      head: headOf(select(state, (name) => name.startsWith('head.'))),
      backbone: stripPrefix(state, 'backbone.'),
    };
  } finally {
    await reader.close();
  }
}

/** [places.length, columns] */
function rowsOf({ data, columns }: Samples, places: readonly number[]): HostTree[string] {
  const rows = new Float32Array(places.length * columns);
  places.forEach((place, i) => rows.set(data.subarray(place * columns, (place + 1) * columns), i * columns));
  return { shape: [places.length, columns], dtype: 'float32', data: rows };
}

/** The loss beside the supervised one, where the run has one: a method with its own settings, on the same images. */
function auxiliaryOf({ run: { spec }, backbone, services }: Job, statistics: BatchStatistics): Auxiliary | undefined {
  if (!spec.auxiliary) return undefined;
  const chosen = method(spec.auxiliary.method);
  const settings = { ...settingsOf(chosen, {}), statistics };
  const { size, recordSide } = spec;
  const objective = chosen.objective({
    backbone,
    settings,
    batch: FINETUNE_BATCH,
    recordSide,
    size,
    views: viewPreset(spec.views),
    backboneOf: (name) => services.backbone(name),
  });
  return { objective, settings, weight: spec.auxiliary.weight };
}

/** What the auxiliary loss begins with: its teacher, which is the backbone itself where it names none, and what it finds. */
async function auxiliaryStart(job: Job, { objective, settings }: Auxiliary, backbone: HostTree, seed: number) {
  const teacher = (await teacherOf(job, method(objective.name), settings)) ?? backbone;
  return { teacher, buffers: await begin(job, objective, teacher, seed) };
}

const columnsOf = ({ run }: Job, ids: readonly number[]): (readonly ColumnValue[])[] =>
  ids.map((id) => run.image(id).columns ?? []);

/** Class probabilities of images of the run, [ids.length, classes]. */
export async function probabilitiesOf(
  job: Job,
  model: Model,
  features: ArmFeatures,
  ids: readonly number[],
): Promise<Float32Array> {
  const beside = encodeColumns(model.columns, columnsOf(job, ids));
  if (!model.backbone) return headProbabilities(model.head, features.rows(ids), { beside });
  const embedder = await createEmbedder(job, turnsOf(job.run.spec));
  await embedder.load(model.backbone);
  return headProbabilities(model.head, (await embedder.embedAll(ids)).data, { beside });
}
