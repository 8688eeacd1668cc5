import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';

export const weightsEntrySchema = z.object({
  backbone: z.string(),
  /** File name, in the folder of the manifest or record. */
  file: z.string().regex(/^[\w.-]+\.safetensors$/),
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
  licence: z.string(),
  source: z.string(),
  /** Images in [0,1] become (x − mean) / std, per channel. */
  preprocessing: z.object({ mean: z.array(z.number()).length(3), std: z.array(z.number()).length(3) }),
  /** Side in pixels the network was trained at. */
  side: z.int().positive(),
});
export type WeightsEntry = z.infer<typeof weightsEntrySchema>;

/** Weights on this machine: what is known of them, and where the file lies. */
export interface FoundWeights extends WeightsEntry {
  readonly path: string;
}

const manifestSchema = z.object({ version: z.literal(1), weights: z.array(weightsEntrySchema) });
const shippedManifest = fileURLToPath(new URL('../../../resources/backbones/manifest.json', import.meta.url));

/** Every set of weights that ships with the app. */
export async function shippedWeights(): Promise<FoundWeights[]> {
  const { weights } = manifestSchema.parse(JSON.parse(await readFile(shippedManifest, 'utf8')));
  return weights.map((entry) => ({ ...entry, path: join(dirname(shippedManifest), entry.file) }));
}

/**
 * The weights to use for a backbone: what the user imported into `importedFolder`, else what ships, else null.
 * The file is checked against the entry's hash when it is loaded.
 */
export async function findWeights(backbone: string, importedFolder?: string): Promise<FoundWeights | null> {
  const imported = importedFolder === undefined ? null : await importedWeights(backbone, importedFolder);
  return imported ?? (await shippedWeights()).find((entry) => entry.backbone === backbone) ?? null;
}

/** Name of the record beside imported weights. */
export const recordName = (backbone: string): string => `${backbone}.json`;

async function importedWeights(backbone: string, folder: string): Promise<FoundWeights | null> {
  try {
    const entry = weightsEntrySchema.parse(JSON.parse(await readFile(join(folder, recordName(backbone)), 'utf8')));
    return entry.backbone === backbone ? { ...entry, path: join(folder, entry.file) } : null;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null;
    throw error;
  }
}
