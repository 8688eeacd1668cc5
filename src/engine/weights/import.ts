import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { writeRunJson } from '../../files/run-json.ts';
import { copyWhole, throwDiskFull } from '../../files/whole.ts';
import { backbone as backboneNamed } from '../backbones/registry.ts';
import { readBackboneWeights } from './load.ts';
import type { FoundWeights, WeightsEntry } from './manifest.ts';

/** What the user says about weights of their own. */
export interface Provenance {
  readonly licence: string;
  readonly source: string;
  /** Side in pixels the network was trained at. */
  readonly side: number;
}

/**
 * Checks a .safetensors file against the backbone it is said to be of, and copies it with a record of hash, licence
 * and source (as stated) into `folder`, where `findWeights` finds it.
 *
 * @throws AppError `backbone.unknown` and those of `loadBackboneWeights`; nothing is copied then
 */
export async function importWeights(
  file: string,
  backboneName: string,
  folder: string,
  provenance: Provenance,
): Promise<FoundWeights> {
  const backbone = backboneNamed(backboneName);
  const { sha256 } = await readBackboneWeights(backbone, file);
  const { mean, std } = backbone.preprocessing;
  // Weights imported earlier stay: a finished run names its own by their hash.
  const stem = `${backbone.name}-${sha256.slice(0, 12)}`;
  const entry: WeightsEntry = {
    backbone: backbone.name,
    file: `${stem}.safetensors`,
    sha256,
    licence: provenance.licence,
    source: provenance.source,
    preprocessing: { mean: [...mean], std: [...std] },
    side: provenance.side,
  };
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const path = join(folder, entry.file);
  await copyWhole(file, path).catch(throwDiskFull);
  await writeRunJson(join(folder, `${stem}.json`), { ...entry, importedAt: new Date().toISOString() });
  return { ...entry, path };
}
