import { createHash } from 'node:crypto';
import type { ManifestImage } from '../src/contract/run-files.ts';

/** An image of the made-up library of bench/library.ts. */
export const libraryImage = (id: number): ManifestImage => ({
  id,
  path: `${id}.png`,
  hash: createHash('sha256').update(`image ${id}`).digest('hex'),
});
