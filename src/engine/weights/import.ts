import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { ImportRecord } from '../../contract/weights.ts';
import { writeRunJson } from '../../files/run-json.ts';
import { throwDiskFull } from '../../files/whole.ts';
import { backbone as backboneNamed } from '../backbones/registry.ts';
import type { HostTree } from '../nn/types.ts';
import { shown } from './formats/malformed.ts';
import { withWeightsFile } from './formats/weights-file.ts';
import { torchShape } from './layout.ts';
import { readBackboneWeights } from './load.ts';
import { writeHashedSafetensors } from './safetensors.ts';

/** What the user says about weights of their own. */
export interface Provenance {
  readonly licence: string;
  readonly source: string;
  /** Side in pixels the network was trained at. */
  readonly side: number;
}

/** Names that are told of what was left out. */
const mostNames = 8;

/**
 * Checks a file of weights against the backbone it is said to be of, and writes what the backbone needs as safetensors
 * with timm's names into `folder`, beside a record of hash, licence and source (as stated), where `findWeights` finds
 * it. The file itself is not read again.
 *
 * @throws AppError `backbone.unknown` and those of `readBackboneWeights`; nothing is written then
 */
export async function importWeights(
  path: string,
  backboneName: string,
  folder: string,
  { licence, source, side }: Provenance,
  signal?: AbortSignal,
): Promise<ImportRecord> {
  const backbone = backboneNamed(backboneName);
  return withWeightsFile(path, signal, async (file) => {
    const { values, format, match } = await readBackboneWeights(backbone, file);
    const origin = {
      name: file.name,
      sha256: await file.sha256(),
      format,
      part: shown(match.part.name),
      prefix: shown(match.prefix),
      names: match.dialect.name,
      left: { count: match.left.length, names: match.left.slice(0, mostNames).map(shown) },
    };
    const tensors: HostTree = Object.fromEntries(
      backbone.params.map((spec) => [
        spec.name,
        { shape: torchShape(spec), dtype: 'float32', data: values.get(spec.name)! },
      ]),
    );
    // Weights imported earlier stay: a finished run names its own by their hash.
    const stem = `${backbone.name}-${origin.sha256.slice(0, 12)}`;
    await mkdir(folder, { recursive: true, mode: 0o700 }).catch(throwDiskFull);
    const { mean, std } = backbone.preprocessing;
    const record: ImportRecord = {
      backbone: backbone.name,
      file: `${stem}.safetensors`,
      sha256: await writeHashedSafetensors(join(folder, `${stem}.safetensors`), tensors),
      licence,
      source,
      preprocessing: { mean: [...mean], std: [...std] },
      side,
      importedAt: new Date().toISOString(),
      origin,
    };
    await writeRunJson(join(folder, `${stem}.json`), record);
    return record;
  });
}
