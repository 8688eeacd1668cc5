import { canonicalJson, sha256 } from '../audit/log.ts';
import type { Specification } from './specification.ts';

/**
 * What a run does and with which data, as one hash: equal for two runs that must come to the same. Where the project
 * lies, when the run was made and what it is called do not enter it.
 */
export function digestOf({ spec, manifest }: Specification): string {
  const { runId: _, createdAt: __, ...settings } = spec;
  const { cacheFolder: ___, images, ...split } = manifest;
  return sha256(canonicalJson({ settings, split, images: images.map(({ id, hash, page }) => [id, hash, page ?? 0]) }));
}
