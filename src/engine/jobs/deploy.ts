import { stat } from 'node:fs/promises';
import type { ArmName, RegimeName } from '../../contract/run-files.ts';
import { copyWhole, throwDiskFull } from '../../files/whole.ts';
import { baseOf, finetune, regimeOf, wholeDraw } from './finetune.ts';
import { cellSeed, type Job } from './job.ts';
import { writeModel } from './model-file.ts';
import { train } from './train.ts';

/**
 * Makes what is applied: a model per adaptation seed from all training labels; their probabilities are averaged. Where
 * a draw has all training labels, its models are taken: what is applied is then what was scored.
 * @returns the model files
 */
export async function deploy(job: Job, arm: ArmName): Promise<string[]> {
  const { paths, manifest, spec } = job.run;
  const whole = wholeDraw(job);
  const regime = await regimeOf(job, arm);
  const files: string[] = [];
  for (const seed of seedsOf(job, arm, regime)) {
    const file = paths.deployed(arm, seed);
    files.push(file);
    if (await stat(file).catch(() => null)) continue;
    if (whole >= 0) {
      await finetune(job, arm, seed, whole);
      await copyWhole(paths.model(arm, seed, whole), file).catch(throwDiskFull);
    } else {
      const model = await train(
        job,
        regime,
        await baseOf(job, arm, seed),
        job.usable.training,
        cellSeed(spec.seed, seed),
      );
      await writeModel(
        file,
        model,
        manifest.classes.map(({ name }) => name),
      );
    }
  }
  return files;
}

/** Seeds of the models that are averaged: those of the run, or one where nothing depends on the seed. */
export function seedsOf(job: Job, arm: ArmName, regime: RegimeName): number[] {
  const models = arm === 'plain' && regime === 'probe' ? 1 : job.run.spec.adapt.seeds;
  return Array.from({ length: models }, (_, seed) => seed);
}
