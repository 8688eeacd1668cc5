import type { EngineCalls } from '../../contract/engine-calls.ts';
import { AppError } from '../../contract/errors.ts';
import { recordSideOf, type RegimeName, type RunSpec } from '../../contract/run-files.ts';
import type { RunOptions } from '../../contract/runs.ts';
import type { OutputOf } from '../../rpc/types.ts';

export type Catalogue = OutputOf<EngineCalls, 'catalogue.list'>;
/** What a run does, apart from which images. */
export type Settings = Omit<RunSpec, 'version' | 'runId' | 'createdAt' | 'protocol'> & {
  readonly shots: number | null;
  /** Instead of `shots`: a share of each class's training labels. */
  readonly fraction: number | null;
  readonly draws: number;
  /** Names of columns that join the features in the head. */
  readonly columns: readonly string[];
  /** Names of classes that are left out this time. */
  readonly leaveOut: readonly string[];
};

/** Side in pixels that a network sees unless it is asked otherwise. */
export const defaultSize = 96;
/** As much as the supervised loss. */
const defaultAuxiliaryWeight = 1;

const defaults = {
  backbone: 'efficientnet-lite0',
  method: 'vicreg',
  size: defaultSize,
  draws: 5,
  /** Each arm at its own best: the cheapest regime and the strongest. */
  regimes: ['probe', 'full'] satisfies RegimeName[],
  /** Repeating with other label draws already shows how chance moves the score; adapting anew costs hours. */
  seedsWithDraws: 1,
  /** With the user's own labels the seeds are what is repeated. */
  seedsWithAllLabels: 3,
  maxImages: 10_000,
};

/** How thorough the app's run is, with so many times the passes; the middle one is the defaults. */
const depths: Readonly<
  Record<NonNullable<RunOptions['depth']>, { readonly times: number; readonly options: Omit<RunOptions, 'project'> }>
> = {
  quick: { times: 0.25, options: { seeds: 1, draws: 3, regime: 'probe', maxImages: 2_500 } },
  standard: { times: 1, options: {} },
  thorough: { times: 3, options: { seeds: 3, draws: 10, maxImages: 50_000 } },
};

/** Of fewer images than this each is looked at more often, so that as much is learned from. */
const fewImages = 7_500;
/** More passes than so many times those of the method were not tried. */
const mostTimes = 5;

/** Passes of a method over so many images (decision 13). */
function passesOver(images: number, standard: number, times: number): number {
  const wanted = times * Math.max(1, fewImages / Math.max(1, images));
  return Math.max(1, Math.round(standard * Math.min(mostTimes, wanted)));
}

/**
 * The options with everything that was left open filled in.
 * @param learnable images there are to adapt to
 * @throws AppError `backbone.unknown`, `backbone.size`, `backbone.statistics`, `weights.none`, `method.unknown`,
 *   `method.setting`, `views.unknown`, `labels.twoAmounts`
 */
export function settingsOf(given: RunOptions, catalogue: Catalogue, learnable = Infinity): Settings {
  const depth = depths[given.depth ?? 'standard'];
  const options: RunOptions = { ...depth.options, ...given };
  const size = options.size ?? defaults.size;
  const { shots = null, fraction = null } = options;
  if (shots !== null && fraction !== null) throw new AppError('labels.twoAmounts');
  const usesAllLabels = shots === null && fraction === null;
  const backbone = backboneOf(options.backbone ?? defaults.backbone, catalogue);
  const chosen = methodOf(options.method ?? defaults.method, catalogue);
  const methodSettings = methodSettingsOf(chosen, options.methodSettings ?? {});
  const maxImages = options.maxImages ?? defaults.maxImages;
  const tuneStatistics = options.tuneStatistics ?? 'frozen';
  assertFits(backbone, size, [tuneStatistics, methodSettings['statistics']]);
  return {
    seed: options.seed ?? 0,
    size,
    recordSide: recordSideOf(size),
    backbone: { name: backbone.name, weightsSha256: backbone.sha256 },
    method: { name: chosen.name, settings: methodSettings },
    views: viewsOf(options.views, catalogue),
    adapt: {
      epochs: options.epochs ?? passesOver(Math.min(learnable, maxImages), chosen.epochs, depth.times),
      batch: options.batch ?? chosen.batch,
      seeds: options.seeds ?? (usesAllLabels ? defaults.seedsWithAllLabels : defaults.seedsWithDraws),
      maxImages,
    },
    regimes: options.regime && options.regime !== 'auto' ? [options.regime] : [...defaults.regimes],
    ...(options.auxiliary !== undefined && {
      auxiliary: {
        method: methodOf(options.auxiliary, catalogue).name,
        weight: options.auxiliaryWeight ?? defaultAuxiliaryWeight,
      },
    }),
    tuneStatistics,
    ...(options.layerDecay !== undefined && options.layerDecay < 1 && { layerDecay: options.layerDecay }),
    testTimeAugmentation: options.testTimeAugmentation ?? false,
    engine: options.engine ?? 'auto',
    shots,
    fraction,
    draws: options.draws ?? defaults.draws,
    columns: [...new Set(options.columns)],
    leaveOut: options.leaveOut ?? [],
  };
}

type ListedBackbone = Catalogue['backbones'][number];

function backboneOf(name: string, { backbones }: Catalogue): ListedBackbone & { readonly sha256: string } {
  const found = backbones.find((backbone) => backbone.name === name);
  if (!found) {
    throw new AppError('backbone.unknown', { backbone: name, known: backbones.map((each) => each.name).join(', ') });
  }
  const { sha256 } = found;
  if (sha256 === null) throw new AppError('weights.none', { backbone: name });
  return { ...found, sha256 };
}

/** What a backbone cannot do is refused before a run begins. */
function assertFits(
  { name: backbone, sideStep: step, norm }: ListedBackbone,
  size: number,
  statistics: readonly unknown[],
): void {
  if (size % step !== 0) throw new AppError('backbone.size', { backbone, size, step });
  if (norm !== 'batch' && statistics.includes('batch')) throw new AppError('backbone.statistics', { backbone });
}

function methodOf(name: string, { methods }: Catalogue): Catalogue['methods'][number] {
  const found = methods.find((method) => method.name === name);
  if (!found) {
    throw new AppError('method.unknown', { method: name, known: methods.map((each) => each.name).join(', ') });
  }
  return found;
}

/** The first preset of the catalogue is the default one. */
function viewsOf(wanted: string | undefined, { views }: Catalogue): string {
  const found = wanted === undefined ? views[0] : views.find(({ name }) => name === wanted);
  if (found) return found.name;
  throw new AppError('views.unknown', { views: wanted ?? '', known: views.map(({ name }) => name).join(', ') });
}

/** The method's settings with those of the user's own in their place. */
function methodSettingsOf(
  { name: method, settings }: Catalogue['methods'][number],
  own: NonNullable<RunOptions['methodSettings']>,
): Catalogue['methods'][number]['settings'] {
  for (const [setting, value] of Object.entries(own)) {
    if (typeof settings[setting] === typeof value) continue;
    throw new AppError('method.setting', { method, setting, value: String(value) });
  }
  return { ...settings, ...own };
}
