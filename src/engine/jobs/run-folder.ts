import { join } from 'node:path';
import { AppError } from '../../contract/errors.ts';
import {
  manifestSchema,
  runSpecSchema,
  type ArmName,
  type Manifest,
  type ManifestImage,
  type RunSpec,
} from '../../contract/run-files.ts';
import { readRunJson } from '../../files/run-json.ts';

/** A run folder as the jobs see it: what core froze, and where results go. */
export interface RunFolder {
  readonly folder: string;
  readonly spec: RunSpec;
  readonly manifest: Manifest;
  readonly paths: RunPaths;
  image(id: number): ManifestImage;
}

export interface RunPaths {
  readonly prepared: string;
  /** Path without ending of an adaptation's files. */
  adapt(seed: number): string;
  features(arm: ArmName, seed: number): string;
  /** Features of every image of the library, and of a part of them until all are there. */
  library(arm: ArmName, seed: number): string;
  piece(arm: ArmName, seed: number, piece: number): string;
  /** Of training-labelled images by the tuned backbone of the applied model. */
  tunedFeatures(arm: ArmName): string;
  viewFeatures(arm: ArmName, seed: number): string;
  predictions(arm: ArmName, seed: number, draw: number): string;
  /** Of the same cell trained without the columns, where the run uses some. */
  withoutColumns(arm: ArmName, seed: number, draw: number): string;
  model(arm: ArmName, seed: number, draw: number): string;
  choice(arm: ArmName): string;
  temperatures(arm: ArmName): string;
  curve(arm: ArmName): string;
  unlike(arm: ArmName): string;
  heldColumns(arm: ArmName): string;
  deployed(arm: ArmName, seed: number): string;
}

/**
 * Opens a run folder.
 * @throws AppError `job.run-folder` where spec or manifest are missing or wrong
 */
export async function openRun(folder: string): Promise<RunFolder> {
  const spec = await readRunJson(join(folder, 'spec.json'), runSpecSchema);
  const manifest = await readRunJson(join(folder, 'manifest.json'), manifestSchema);
  const byId = new Map(manifest.images.map((image) => [image.id, image]));
  const cell = (kind: string, arm: string, seed: number, draw: number): string =>
    join(folder, kind, `${arm}-${seed}-${draw}.safetensors`);
  return {
    folder,
    spec,
    manifest,
    paths: {
      prepared: join(folder, 'prepared.json'),
      adapt: (seed) => join(folder, 'adapt', `seed-${seed}`),
      features: (arm, seed) => join(folder, 'features', `${arm}-${seed}.safetensors`),
      library: (arm, seed) => join(folder, 'features', `library-${arm}-${seed}.safetensors`),
      piece: (arm, seed, piece) => join(folder, 'features', `library-${arm}-${seed}-${piece}.safetensors`),
      tunedFeatures: (arm) => join(folder, 'features', `tuned-${arm}.safetensors`),
      viewFeatures: (arm, seed) => join(folder, 'features', `views-${arm}-${seed}.safetensors`),
      predictions: (arm, seed, draw) => cell('predictions', arm, seed, draw),
      withoutColumns: (arm, seed, draw) => cell('predictions', `${arm}-without-columns`, seed, draw),
      model: (arm, seed, draw) => cell('models', arm, seed, draw),
      choice: (arm) => join(folder, 'models', `regime-${arm}.json`),
      temperatures: (arm) => join(folder, 'models', `temperatures-${arm}.json`),
      heldColumns: (arm) => join(folder, 'models', `held-columns-${arm}.json`),
      unlike: (arm) => join(folder, 'models', `unlike-${arm}.json`),
      curve: (arm) => join(folder, 'predictions', `curve-${arm}.safetensors`),
      deployed: (arm, seed) => join(folder, 'models', `deploy-${arm}-${seed}.safetensors`),
    },
    image(id) {
      const image = byId.get(id);
      if (!image) throw new AppError('job.run-folder', { file: 'manifest.json', reason: `lacks image ${id}` });
      return image;
    },
  };
}
