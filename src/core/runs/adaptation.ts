import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { AppError } from '../../contract/errors.ts';
import type { RunRow } from '../../contract/runs.ts';
import { linkOrCopy } from './link.ts';
import { readSpecification, type Specification } from './specification.ts';

/** A run another one takes something of, and where it lies. */
export interface EarlierRun {
  readonly id: string;
  readonly folder: string;
}

/** The adapted backbone of a seed, as the engine names it in a run's folder. */
export const adaptedBackbone = (runFolder: string, seed: number): string =>
  join(runFolder, 'adapt', `seed-${seed}.safetensors`);

/**
 * What decides the adaptation is taken from the run it comes from.
 * @throws AppError `run.noModel`, `run.learnedFrom`
 */
export async function withAdaptationOf(
  { id, folder }: EarlierRun,
  kind: RunRow['kind'],
  mine: Specification,
): Promise<Specification> {
  const theirs = await readSpecification(folder);
  if (!theirs) throw new AppError('run.noModel', { run: id, arm: 'adapted' });
  const { seed, size, recordSide, backbone, method, views, adapt } = theirs.spec;
  // Labels given since must not make images scored that the adaptation has seen.
  const scored = new Set([...mine.manifest.check, ...mine.manifest.draws.flatMap(({ score }) => score ?? [])]);
  if (kind !== 'embed' && theirs.manifest.adapt.some((image) => scored.has(image))) {
    throw new AppError('run.learnedFrom', { run: id });
  }
  return { ...mine, spec: { ...mine.spec, seed, size, recordSide, backbone, method, views, adapt } };
}

/**
 * Links the adapted backbones of a run into the folder of another.
 * @throws AppError `run.noModel`
 */
export function takeAdaptation({ id, folder: from }: EarlierRun, to: string, { spec }: Specification): void {
  const folder = join(to, 'adapt');
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  for (let seed = 0; seed < spec.adapt.seeds; seed++) {
    for (const name of [`seed-${seed}.safetensors`, `seed-${seed}.json`]) {
      const source = join(from, 'adapt', name);
      if (!existsSync(source)) throw new AppError('run.noModel', { run: id, arm: 'adapted' });
      linkOrCopy(source, join(folder, name));
    }
  }
}
