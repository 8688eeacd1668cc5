import type { EpisodeInput } from '../../contract/episodes.ts';
import type { Needs, Speed } from '../../contract/machine.ts';
import type { Manifest } from '../../contract/run-files.ts';
import type { RunRow } from '../../contract/runs.ts';
import type { Settings } from './settings.ts';
import { stageNames, type StageName } from './one-click.ts';
import type { Stage } from './stages.ts';

/** Sizes a run's time follows from. */
export interface Workload {
  readonly images: number;
  readonly adaptationImages: number;
  readonly labelled: number;
  readonly classes: number;
  /** Labels one draw trains with. */
  readonly drawnLabels: number;
  readonly trainingLabels: number;
  readonly draws: number;
}

export const workloadOf = (manifest: Manifest, settings: Pick<Settings, 'adapt'>): Workload => ({
  images: manifest.images.length,
  adaptationImages: Math.min(manifest.adapt.length, settings.adapt.maxImages),
  labelled: manifest.training.length + manifest.check.length,
  classes: Math.max(1, manifest.classes.length),
  drawnLabels: manifest.draws[0]?.train.length ?? 0,
  trainingLabels: manifest.training.length,
  draws: manifest.draws.length,
});

/** Rough speeds of two cores, for the proportions of the progress where nothing was timed. */
export const nominalSpeed: Speed = {
  provider: 'cpu',
  adaptImagesPerSecond: 60,
  embedImagesPerSecond: 400,
  finetuneImagesPerSecond: 100,
  compileSeconds: 3,
};

/** Decoding of small images by one process; large ones take longer. */
const decodedPerSecond = 300;
/** As many as the probe is centred by. */
export const centreImages = 2000;
/**
 * Fitting a probe: almost nothing for a few labels, then in proportion to them. Features of real images take several
 * times as long as those of `node bench/probe.ts`.
 */
const probeSeconds = (labels: number): number => 0.2 + 0.006 * labels;
/** Cross-validation between regimes. */
const folds = 3;

/** Images a training beyond the probe sees: steps by labels per class as in `engine/regimes/registry.ts`, times 32. */
const trainedImages = (labelsPerClass: number): number =>
  32 * Math.min(400, Math.max(30, 60 + 20 * Math.log2(Math.max(1, labelsPerClass) / 5)));

/** As `engine/regimes/hyper-rule.ts`. */
const hyperRuleImages = (labels: number): number => 32 * (labels < 20_000 ? 500 : labels < 500_000 ? 10_000 : 20_000);

/** Expected seconds of each stage. */
export function stageSeconds(kind: RunRow['kind'], work: Workload, settings: Settings, speed: Speed): Stage[] {
  const { seeds, epochs } = settings.adapt;
  const trainsAll = kind === 'one-click' || kind === 'finetune';
  const arms = trainsAll ? 2 : 1;
  const embedded = work.labelled + Math.min(centreImages, work.adaptationImages);
  const embedding = (embedded * (trainsAll ? 1 + seeds : 1)) / speed.embedImagesPerSecond;
  const regimeSeconds = (labels: number): number[] =>
    settings.regimes.map((regime) => {
      if (regime === 'probe') return probeSeconds(labels);
      const trained = regime === 'hyper-rule' ? hyperRuleImages(labels) : trainedImages(labels / work.classes);
      // The first third of staged looks at fixed views, and only once at each.
      const held = regime === 'staged' ? trained / 3 : 0;
      return (trained - held) / speed.finetuneImagesPerSecond + Math.min(held, 8 * labels) / speed.embedImagesPerSecond;
    });
  const drawn = regimeSeconds(work.drawnLabels);
  const slowest = Math.max(...drawn);
  // Each arm chooses its regime once.
  const choosing = settings.regimes.length > 1 ? folds * drawn.reduce((sum, each) => sum + each, 0) : 0;
  // The user's own labels: all seeds for draw 0, one for those that show the spread.
  const usesAllLabels = settings.shots === null && settings.fraction === null;
  const trainings = usesAllLabels ? seeds + work.draws - 1 : seeds * work.draws;
  // Temperatures and the learning curve are some ten rough fits on parts of the labels.
  const held = 2 * probeSeconds(work.trainingLabels);
  // Where columns join the features, each is trained without them too.
  const ways = settings.columns.length > 0 ? 2 : 1;
  const training = arms * (ways * trainings * slowest + choosing + held);
  const adapts = kind === 'one-click' || kind === 'adapt';
  const seconds: Record<StageName, number> = {
    prepare: work.images / decodedPerSecond,
    adapt: adapts ? speed.compileSeconds + (seeds * epochs * work.adaptationImages) / speed.adaptImagesPerSecond : 0,
    train: kind === 'adapt' ? 0 : speed.compileSeconds + embedding + (trainsAll ? training : 0),
    check: trainsAll ? 1 : 0,
    write: trainsAll ? seeds * Math.max(...regimeSeconds(work.trainingLabels)) : 0,
  };
  return stageNames.map((name) => ({ name, seconds: seconds[name] }));
}

export const episodeStageNames = ['prepare', 'embed', 'episodes'] as const;

/** Expected seconds of ranking one starting model, for the proportions of the progress. */
export function episodeStages({ way, shots, episodes, regimes, trained }: Omit<EpisodeInput, 'drawSeed'>): Stage[] {
  const trainings = regimes.length * trained * (trainedImages(shots) / nominalSpeed.finetuneImagesPerSecond);
  const seconds: Record<(typeof episodeStageNames)[number], number> = {
    prepare: centreImages / decodedPerSecond,
    embed: centreImages / nominalSpeed.embedImagesPerSecond,
    episodes: episodes * probeSeconds(way * shots) + trainings,
  };
  return episodeStageNames.map((name) => ({ name, seconds: seconds[name] }));
}

/**
 * Passes that fit into a budget of seconds for the whole run, at least one; never more than were asked for.
 */
export function epochsWithin(budget: number, work: Workload, settings: Settings, speed: Speed): number {
  const { adapt } = settings;
  if (adapt.epochs <= 1) return adapt.epochs;
  const secondsWith = (epochs: number): number =>
    stageSeconds('one-click', work, { ...settings, adapt: { ...adapt, epochs } }, speed).reduce(
      (sum, { seconds }) => sum + seconds,
      0,
    );
  let epochs = adapt.epochs;
  while (epochs > 1 && secondsWith(epochs) > budget) epochs--;
  return epochs;
}

/** Of EfficientNet-Lite0: weights, optimizer slots, target and heads; a backbone. */
export const usualSizes: Pick<Needs, 'stateBytes' | 'backboneBytes'> = { stateBytes: 86e6, backboneBytes: 14e6 };

/** Records of the cache, two saved points while one replaces the other, and the backbone and predictions of each seed. */
export function diskBytes(
  work: Workload,
  settings: Pick<Settings, 'recordSide' | 'adapt' | 'regimes'>,
  { stateBytes, backboneBytes }: Pick<Needs, 'stateBytes' | 'backboneBytes'>,
): number {
  const cache = work.images * settings.recordSide ** 2 * 3;
  /** With what is told by it. */
  const model = backboneBytes + 6e6;
  const backbones = 2 * stateBytes + settings.adapt.seeds * model;
  const models = settings.regimes.some((regime) => regime !== 'probe')
    ? 2 * work.draws * settings.adapt.seeds * model
    : 0;
  return cache + backbones + models;
}
