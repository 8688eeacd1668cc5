import { dirname } from 'node:path';
import type { Device } from '../../contract/machine.ts';
import type { ArmName, Manifest } from '../../contract/run-files.ts';
import type { CallContext } from '../../rpc/types.ts';
import type { Backbone } from '../backbones/types.ts';
import { fnv1a, generator } from '../data/random.ts';
import { RecordCache } from '../data/record-cache.ts';
import { Records } from '../data/records.ts';
import type { Executor, HostTree } from '../nn/types.ts';
import { AppError } from '../../contract/errors.ts';
import { readSafetensors } from '../weights/safetensors.ts';
import { failedBefore, prepare } from './prepare.ts';
import { openRun, type RunFolder } from './run-folder.ts';
import type { EngineServices } from './services.ts';

/** A run opened for work: its folder, its records, and the images of it that can be read. */
export interface Job {
  readonly run: RunFolder;
  readonly services: EngineServices;
  readonly context: CallContext;
  readonly records: Records;
  readonly backbone: Backbone;
  readonly executor: Executor;
  readonly usable: Usable;
  /** The pretrained backbone. */
  pretrained(): Promise<HostTree>;
}

/** The manifest without images that could not be decoded. */
export interface Usable {
  /** Images adaptation learns from, at most as many as the specification says. */
  readonly adapt: readonly number[];
  readonly training: Manifest['training'];
  readonly check: readonly number[];
  readonly draws: Manifest['draws'];
}

/** Opens a run and its records, does `work`, and closes them. */
export async function withRecords<T>(
  services: EngineServices,
  runFolder: string,
  work: (run: RunFolder, records: Records) => Promise<T>,
): Promise<T> {
  const run = await openRun(runFolder);
  const records = new Records(new RecordCache(run.manifest.cacheFolder, run.spec.recordSide), services.pool());
  try {
    return await work(run, records);
  } finally {
    await records.cache.close();
  }
}

export interface JobRun {
  readonly runFolder: string;
  readonly device: Device;
}

/** Opens a run for work. Prepares the cache first where that has not been done. */
export function withJob<T>(
  services: EngineServices,
  { runFolder, device }: JobRun,
  context: CallContext,
  work: (job: Job) => Promise<T>,
): Promise<T> {
  return withRecords(services, runFolder, async (run, records) => {
    const failed = (await failedBefore(run)) ?? (await prepare(run, records, context)).failed;
    const backbone = services.backbone(run.spec.backbone.name);
    return work({
      run,
      services,
      context,
      records,
      backbone,
      executor: await services.executor(run.spec.engine, device),
      usable: usableOf(run, new Set(failed.map(({ image }) => image))),
      pretrained: () => services.weights(backbone, run.spec.backbone.weightsSha256, dirname(dirname(runFolder))),
    });
  });
}

function usableOf({ manifest, spec }: RunFolder, failed: ReadonlySet<number>): Usable {
  const readable = (ids: readonly number[]): number[] => ids.filter((id) => !failed.has(id));
  const adapt = readable(manifest.adapt);
  const order = generator(spec.seed, 'adaptation images').permutation(adapt.length);
  return {
    adapt: [...order.subarray(0, spec.adapt.maxImages)].sort((a, b) => a - b).map((at) => adapt[at] as number),
    training: manifest.training.filter(({ image }) => !failed.has(image)),
    check: readable(manifest.check),
    draws: manifest.draws.map(({ train, score }) => ({
      train: readable(train),
      ...(score ? { score: readable(score) } : {}),
    })),
  };
}

/** Seed of one cell of a run: the same with and without adaptation, different for every adaptation seed and draw. */
export const cellSeed = (runSeed: number, seed: number, draw?: number): number =>
  fnv1a(`${runSeed} seed ${seed}${draw === undefined ? '' : ` draw ${draw}`}`);

/**
 * The backbone an arm starts from.
 * @throws AppError `job.not-adapted`
 */
export async function backboneOf(job: Job, arm: ArmName, seed: number): Promise<HostTree> {
  if (arm === 'plain') return job.pretrained();
  try {
    return (await readSafetensors(`${job.run.paths.adapt(seed)}.safetensors`)).tensors;
  } catch (cause) {
    if (cause instanceof AppError && cause.code === 'weights.not-found')
      throw new AppError('job.not-adapted', { seed }, { cause });
    throw cause;
  }
}
