import type { Manifest, RunSpec } from '../../contract/run-files.ts';
import { canonicalJson, sha256 } from '../audit/log.ts';
import { readSpec, readSpecification, type Specification } from './specification.ts';

/** When a run was made and what it is called do not enter it. */
function digestOfSettings({ runId: _, createdAt: __, ...settings }: RunSpec): string {
  return sha256(canonicalJson(settings));
}

/** Where the project and its images lie does not enter it. */
export function digestOfData({ cacheFolder: _, images, ...split }: Manifest): string {
  return sha256(
    canonicalJson({
      split,
      images: images.map(({ id, hash, page, columns }) => [id, hash, page ?? 0, ...(columns ? [columns] : [])]),
    }),
  );
}

/** Tells of run folders whether their run does the same with the same data, and so must come to the same. */
export function sameAs({ spec, manifest }: Specification): (runFolder: string) => Promise<boolean> {
  const [settings, data] = [digestOfSettings(spec), digestOfData(manifest)];
  return async (runFolder) => {
    // A manifest lists every image: it is read only where it can decide.
    const theirs = await readSpec(runFolder);
    if (!theirs || digestOfSettings(theirs) !== settings) return false;
    const made = await readSpecification(runFolder);
    return made !== null && digestOfData(made.manifest) === data;
  };
}
