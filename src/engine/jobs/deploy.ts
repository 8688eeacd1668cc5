import { stat } from 'node:fs/promises';
import type { ArmName, RegimeName } from '../../contract/run-files.ts';
import { cellSeed, type Job } from './job.ts';
import { baseOf, regimeOf } from './finetune.ts';
import { writeModel } from './model-file.ts';
import { train } from './train.ts';

/** Models that are averaged, at least, where training depends on the seed. */
const LEAST_SEEDS = 3;

/**
 * Trains what is applied: all training labels, one model per seed; their probabilities are averaged. With several
 * regimes in the specification the one is used that most draws chose, and that was thus scored.
 * @returns the model files
 */
export async function deploy(job: Job, arm: ArmName): Promise<string[]> {
  const { paths, manifest, spec } = job.run;
  const regime = await mostChosen(job, arm);
  const files: string[] = [];
  for (const seed of seedsOf(job, arm, regime)) {
    const file = paths.deployed(arm, seed.model);
    files.push(file);
    if (await stat(file).catch(() => null)) continue;
    const base = await baseOf(job, arm, seed.backbone);
    const model = await train(job, regime, base, job.usable.training, cellSeed(spec.seed, seed.model));
    await writeModel(
      file,
      model,
      manifest.classes.map(({ name }) => name),
    );
  }
  return files;
}

export interface ModelSeed {
  readonly model: number;
  /** Adaptation seed of the backbone it starts from. */
  readonly backbone: number;
}

/** One model per adaptation seed. Where those are too few and training is random, seeds of training are added. */
export function seedsOf(job: Job, arm: ArmName, regime: RegimeName): ModelSeed[] {
  const { seeds } = job.run.spec.adapt;
  const backbones = arm === 'plain' ? 1 : seeds;
  const models = regime === 'probe' ? backbones : Math.max(LEAST_SEEDS, seeds);
  return Array.from({ length: models }, (_, model) => ({ model, backbone: model % backbones }));
}

async function mostChosen(job: Job, arm: ArmName): Promise<RegimeName> {
  const counts = new Map<RegimeName, number>();
  for (const [draw, { train: ids }] of job.usable.draws.entries()) {
    const chosen = new Set(ids);
    const labels = job.usable.training.filter(({ image }) => chosen.has(image));
    const regime = await regimeOf(job, arm, draw, labels);
    counts.set(regime, (counts.get(regime) ?? 0) + 1);
  }
  const { regimes } = job.run.spec;
  return regimes.reduce((leader, name) => ((counts.get(name) ?? 0) > (counts.get(leader) ?? 0) ? name : leader));
}
