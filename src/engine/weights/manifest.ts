import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { weightsEntrySchema, type WeightsEntry } from '../../contract/weights.ts';
import { importRecords } from '../../files/weights-folder.ts';

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

/**
 * The weights to use for a backbone: those with the hash asked for; where there are none (or no hash is asked for) the
 * ones imported last into one of `folders`, else what ships, else null.
 * The file is checked against the entry's hash when it is loaded.
 */
export async function findWeights(
  backbone: string,
  folders: readonly string[] = [],
  sha256?: string,
): Promise<FoundWeights | null> {
  const imported = await importRecords(folders);
  const candidates = [...imported, ...(await shippedWeights())].filter((entry) => entry.backbone === backbone);
  return candidates.find((entry) => entry.sha256 === sha256) ?? candidates[0] ?? null;
}
