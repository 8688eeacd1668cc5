import { existsSync, mkdirSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { labelledImages, type Manifest, type RunSpec } from '../../contract/run-files.ts';
import { canonicalJson, sha256 } from '../audit/log.ts';
import type { EarlierRun } from './adaptation.ts';
import { linkOrCopy } from './link.ts';
import { digestOfData } from './same-run.ts';
import { readSpec, readSpecification, type Specification } from './specification.ts';

/** Where what belongs to one arm lies in a run's folder: its name stands in the names of its files. */
const folders = ['features', 'predictions', 'models'];

/**
 * Takes over what an earlier run of the project has computed and this one would compute again just so: the arm without
 * adaptation, which does not depend on the method, and features of an adaptation both runs have. Files that are there
 * stay. Call it when both runs are prepared: they must leave out the same images.
 * @param others runs that this version of the app made, the newest first
 * @returns ids of the runs of which something was taken
 */
export async function takeKnown(
  runFolder: string,
  mine: Specification,
  others: readonly EarlierRun[],
): Promise<string[]> {
  const [settings, data, plain] = [featureSettings(mine.spec), featureData(mine.manifest), digestOfPlain(mine)];
  const left = leftOut(runFolder);
  const taken: string[] = [];
  for (const { id, folder: other } of others) {
    // A manifest names thousands of images: it is read only where it can decide.
    const spec = await readSpec(other);
    if (!spec || featureSettings(spec) !== settings || leftOut(other) !== left) continue;
    const theirs = await readSpecification(other);
    if (!theirs || featureData(theirs.manifest) !== data) continue;
    const isSamePlain = digestOfPlain(theirs) === plain;
    const known = filesOf(other).filter((file) =>
      /\bplain\b/.test(file)
        ? isSamePlain || file.startsWith(join('features', 'plain'))
        : isOfSameAdaptation(file, runFolder, other),
    );
    const missing = known.filter((file) => !existsSync(join(runFolder, file)));
    for (const file of missing) {
      mkdirSync(dirname(join(runFolder, file)), { recursive: true, mode: 0o700 });
      linkOrCopy(join(other, file), join(runFolder, file));
    }
    if (missing.length > 0) taken.push(id);
  }
  return taken;
}

/** Settings that the features of a backbone follow from, but for its weights. */
const featureSettings = ({ seed, size, recordSide, backbone, testTimeAugmentation, engine }: RunSpec): string =>
  canonicalJson([seed, size, recordSide, backbone, testTimeAugmentation, engine]);

/** Images that they are of, and those they are centred by. */
const featureData = (manifest: Manifest): string =>
  sha256(
    canonicalJson([
      [manifest.adapt, labelledImages(manifest)],
      manifest.images.map(({ id, hash, page }) => [id, hash, page ?? 0]),
    ]),
  );

/** All that the arm without adaptation follows from: how others are adapted is no part of it. */
function digestOfPlain({ spec, manifest }: Specification): string {
  const { runId: _, createdAt: __, method: ___, adapt, ...settings }: RunSpec = spec;
  return sha256(canonicalJson([settings, adapt.seeds, digestOfData(manifest)]));
}

/** Features of a seed whose adapted backbone is one file that both runs have. */
function isOfSameAdaptation(file: string, runFolder: string, other: string): boolean {
  const seed = /^features.adapted-(\d+)\.safetensors$/.exec(file)?.[1];
  if (seed === undefined) return false;
  const [mine, theirs] = [runFolder, other].map((folder) =>
    statSync(join(folder, 'adapt', `seed-${seed}.safetensors`), { bigint: true, throwIfNoEntry: false }),
  );
  return mine !== undefined && theirs !== undefined && mine.ino === theirs.ino && mine.dev === theirs.dev;
}

/** What could not be decoded, as the engine wrote it down; null before. */
function leftOut(runFolder: string): string | null {
  const file = join(runFolder, 'prepared.json');
  return existsSync(file) ? readFileSync(file, 'utf8') : null;
}

const filesOf = (runFolder: string): string[] =>
  folders.flatMap((name) => {
    const folder = join(runFolder, name);
    return existsSync(folder)
      ? readdirSync(folder).flatMap((file) => (file.endsWith('.tmp') ? [] : [join(name, file)]))
      : [];
  });
