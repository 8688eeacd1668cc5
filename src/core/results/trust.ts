import type { Trust } from '../../contract/results.ts';
import type { ArmName, Scored } from '../../contract/run-files.ts';
import {
  reliability,
  riskCoverage,
  type ReliabilityBin,
  type RiskPoint,
  type Said,
} from '../../statistics/reliability.ts';
import { weightOf } from './scored.ts';

/** Which percentages: as the model says them, or corrected. */
export type Version = 'before' | 'after';

type Image = Scored['images'][number];

/** How sure an arm was of an image; null where that version is not known. */
export const saidOf = (image: Image, arm: ArmName, version: Version): number | null =>
  version === 'before' ? image[arm].probability : (image[arm].corrected ?? null);

/** Every check image as the reliability diagram and the risk–coverage curve count it; null where some is not known. */
export function saidOfAll(images: readonly Image[], arm: ArmName, version: Version): Said[] | null {
  const said = images.flatMap((image) => {
    const probability = saidOf(image, arm, version);
    if (probability === null) return [];
    const { cluster } = image;
    return [{ probability, hit: image[arm].called === image.class, cluster, weight: weightOf(image) }];
  });
  return said.length === images.length ? said : null;
}

export interface TrustView {
  readonly fit: Trust | null;
  readonly bins: Readonly<Record<Version, ReliabilityBin[] | null>>;
  readonly risk: Readonly<Record<Version, RiskPoint[] | null>>;
}

/** Whether an arm's percentages can be trusted, of the very check images that are behind every other number. */
export function trustView(images: readonly Image[], fit: Trust | null, arm: ArmName): TrustView {
  const [before, after] = [saidOfAll(images, arm, 'before'), saidOfAll(images, arm, 'after')];
  return {
    fit,
    bins: { before: before && reliability(before), after: after && reliability(after) },
    risk: { before: before && riskCoverage(before), after: after && riskCoverage(after) },
  };
}
