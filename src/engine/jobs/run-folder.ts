import { mkdir, open, readFile, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { z } from 'zod';
import { AppError } from '../../contract/errors.ts';
import {
  manifestSchema,
  runSpecSchema,
  type ArmName,
  type Manifest,
  type ManifestImage,
  type RunSpec,
} from '../../contract/run-files.ts';

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
  predictions(arm: ArmName, seed: number, draw: number): string;
  model(arm: ArmName, seed: number, draw: number): string;
  choice(arm: ArmName): string;
  deployed(arm: ArmName, seed: number): string;
}

/**
 * Opens a run folder.
 * @throws AppError `job.run-folder` where spec or manifest are missing or wrong
 */
export async function openRun(folder: string): Promise<RunFolder> {
  const spec = await readJson(join(folder, 'spec.json'), runSpecSchema);
  const manifest = await readJson(join(folder, 'manifest.json'), manifestSchema);
  const byId = new Map(manifest.images.map((image) => [image.id, image]));
  const cell = (kind: string, arm: ArmName, seed: number, draw: number): string =>
    join(folder, kind, `${arm}-${seed}-${draw}.safetensors`);
  return {
    folder,
    spec,
    manifest,
    paths: {
      prepared: join(folder, 'prepared.json'),
      adapt: (seed) => join(folder, 'adapt', `seed-${seed}`),
      features: (arm, seed) => join(folder, 'features', `${arm}-${seed}.safetensors`),
      predictions: (arm, seed, draw) => cell('predictions', arm, seed, draw),
      model: (arm, seed, draw) => cell('models', arm, seed, draw),
      choice: (arm) => join(folder, 'models', `regime-${arm}.json`),
      deployed: (arm, seed) => join(folder, 'models', `deploy-${arm}-${seed}.safetensors`),
    },
    image(id) {
      const image = byId.get(id);
      if (!image) throw new AppError('job.run-folder', { file: 'manifest.json', reason: `lacks image ${id}` });
      return image;
    },
  };
}

/**
 * Parses a JSON file of the run.
 * @throws AppError `job.run-folder`
 */
export async function readJson<S extends z.ZodType>(path: string, schema: S): Promise<z.infer<S>> {
  const fail = (reason: string, cause: unknown): AppError =>
    new AppError('job.run-folder', { file: path.slice(dirname(path).length + 1), reason }, { cause });
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (cause) {
    throw fail('is missing', cause);
  }
  try {
    return schema.parse(JSON.parse(text));
  } catch (cause) {
    throw fail('does not hold what it should', cause);
  }
}

/**
 * Writes a JSON file of the run: temporary file, sync, rename.
 * @throws AppError `disk.full`
 */
export async function writeJson(path: string, value: unknown): Promise<void> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  const temporary = `${path}.tmp`;
  try {
    const handle = await open(temporary, 'w', 0o600);
    try {
      await handle.writeFile(`${JSON.stringify(value, null, 1)}\n`);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    if (error instanceof Error && 'code' in error && error.code === 'ENOSPC')
      throw new AppError('disk.full', {}, { cause: error });
    throw error;
  }
}
