import type { EngineCalls } from '../../contract/engine-calls.ts';
import { AppError } from '../../contract/errors.ts';
import { recordSideOf, type RegimeName, type RunSpec } from '../../contract/run-files.ts';
import type { RunOptions } from '../../contract/runs.ts';
import type { OutputOf } from '../../rpc/types.ts';

export type Catalogue = OutputOf<EngineCalls, 'catalogue.list'>;
/** What a run does, apart from which images. */
export type Settings = Omit<RunSpec, 'version' | 'runId' | 'createdAt' | 'protocol'> & {
  readonly shots: number | null;
  readonly draws: number;
};

const defaults = {
  backbone: 'efficientnet-lite0',
  method: 'byol',
  size: 96,
  draws: 5,
  /** Each arm at its own best: the cheapest regime and the strongest. */
  regimes: ['probe', 'full'] satisfies RegimeName[],
  /** Repeating with other label draws already shows how chance moves the score; adapting anew costs hours. */
  seedsWithShots: 1,
  /** With the user's own labels the seeds are what is repeated. */
  seedsWithAllLabels: 3,
  maxImages: 10_000,
};

/**
 * The options with everything that was left open filled in.
 * @throws AppError `backbone.unknown`, `weights.none`, `method.unknown`
 */
export function settingsOf(options: RunOptions, catalogue: Catalogue): Settings {
  const size = options.size ?? defaults.size;
  const shots = options.shots ?? null;
  const chosen = methodOf(options.method ?? defaults.method, catalogue);
  const regime = options.regime ?? 'auto';
  return {
    seed: options.seed ?? 0,
    size,
    recordSide: recordSideOf(size),
    backbone: backboneOf(options.backbone ?? defaults.backbone, catalogue),
    method: { name: chosen.name, settings: chosen.settings },
    views: viewsOf(catalogue),
    adapt: {
      epochs: options.epochs ?? chosen.epochs,
      batch: chosen.batch,
      seeds: options.seeds ?? (shots === null ? defaults.seedsWithAllLabels : defaults.seedsWithShots),
      maxImages: options.maxImages ?? defaults.maxImages,
    },
    regimes: regime === 'auto' ? [...defaults.regimes] : [regime],
    testTimeAugmentation: options.testTimeAugmentation ?? false,
    engine: options.engine ?? 'auto',
    shots,
    draws: options.draws ?? defaults.draws,
  };
}

function backboneOf(name: string, { backbones }: Catalogue): RunSpec['backbone'] {
  const found = backbones.find((backbone) => backbone.name === name);
  if (!found) {
    throw new AppError('backbone.unknown', { backbone: name, known: backbones.map((each) => each.name).join(', ') });
  }
  if (found.sha256 === null) throw new AppError('weights.none', { backbone: name });
  return { name, weightsSha256: found.sha256 };
}

function methodOf(name: string, { methods }: Catalogue): Catalogue['methods'][number] {
  const found = methods.find((method) => method.name === name);
  if (!found) {
    throw new AppError('method.unknown', { method: name, known: methods.map((each) => each.name).join(', ') });
  }
  return found;
}

/** The first preset of the catalogue is the default one. */
function viewsOf({ views }: Catalogue): string {
  const first = views[0];
  if (!first) throw new AppError('internal', { reason: 'the engine offers no views' });
  return first.name;
}
