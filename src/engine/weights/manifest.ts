import { readdir, readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { malformed } from './safetensors-header.ts';

const weightsEntrySchema = z.object({
  backbone: z.string(),
  /** File name, in the folder of the manifest or import record. */
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
/** `resources/`, where the shell says it lies; in a checkout, beside `src/`. */
const resources = fileURLToPath(new URL('../../../resources', import.meta.url));
const shipped = join(resources, 'backbones');

/** Every set of weights that ships with the app. */
export async function shippedWeights(): Promise<FoundWeights[]> {
  const { weights } = manifestSchema.parse(JSON.parse(await readFile(join(shipped, 'manifest.json'), 'utf8')));
  return weights.map((entry) => ({ ...entry, path: join(shipped, entry.file) }));
}

/** What is written beside imported weights, under the same name. */
const importRecordSchema = weightsEntrySchema.extend({ importedAt: z.iso.datetime() });

/**
 * The weights to use for a backbone: those with the hash asked for; where there are none (or no hash is asked for) the
 * ones imported last into `importedFolder`, else what ships, else null.
 * The file is checked against the entry's hash when it is loaded.
 */
export async function findWeights(
  backbone: string,
  importedFolder?: string,
  sha256?: string,
): Promise<FoundWeights | null> {
  const imported = importedFolder === undefined ? [] : await importedWeights(importedFolder);
  const candidates = [...imported, ...(await shippedWeights())].filter((entry) => entry.backbone === backbone);
  return candidates.find((entry) => entry.sha256 === sha256) ?? candidates[0] ?? null;
}

/** The last imported first. */
async function importedWeights(folder: string): Promise<FoundWeights[]> {
  const names = await readdir(folder).catch((error: unknown) => {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return [];
    throw error;
  });
  const records = names.filter((name) => name.endsWith('.json'));
  const entries = await Promise.all(records.map((name) => readRecord(join(folder, name))));
  entries.sort((a, b) => (a.importedAt < b.importedAt ? 1 : -1));
  return entries.map(({ importedAt: _, ...entry }) => ({ ...entry, path: join(folder, entry.file) }));
}

async function readRecord(path: string): Promise<z.infer<typeof importRecordSchema>> {
  try {
    return importRecordSchema.parse(JSON.parse(await readFile(path, 'utf8')));
  } catch (error) {
    throw malformed(basename(path), 'it is no record of imported weights', error);
  }
}
