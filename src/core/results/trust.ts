import type { Results, Trust } from '../../contract/results.ts';
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

/** Every answer of an arm about an image, one per draw that asked; null where that version of some is not known. */
export function answersOf(image: Image, arm: ArmName, version: Version): Said[] | null {
  const { draws, ...single } = image[arm];
  const answers = (draws ?? [{ draw: 0, ...single }]).flatMap(({ draw, called, probability, corrected }) => {
    const sure = version === 'before' ? probability : corrected;
    if (sure === undefined) return [];
    const { image: id, cluster } = image;
    return [{ image: id, draw, probability: sure, hit: called === image.class, cluster, weight: weightOf(image) }];
  });
  return answers.length === (draws?.length ?? 1) ? answers : null;
}

/** Every answer as the reliability diagram and the risk–coverage curve count it; null where some is not known. */
export function allAnswers(images: readonly Image[], arm: ArmName, version: Version): Said[] | null {
  const answers = images.map((image) => answersOf(image, arm, version));
  return answers.every((each) => each !== null) ? answers.flat() : null;
}

export interface TrustView {
  readonly fit: Trust | null;
  /** Label draws whose models were asked. */
  readonly draws: number;
  /** Of a run from before each draw was asked by itself: percentages are of the mean over draws, which nothing says. */
  readonly ofMean: boolean;
  readonly bins: Readonly<Record<Version, ReliabilityBin[] | null>>;
  readonly risk: Readonly<Record<Version, RiskPoint[] | null>>;
}

/** Whether an arm's percentages can be trusted, of the very check images that are behind every other number. */
export function trustView(
  images: readonly Image[],
  { trust, protocol }: Pick<Results, 'trust' | 'protocol'>,
  arm: ArmName,
): TrustView {
  const [before, after] = [allAnswers(images, arm, 'before'), allAnswers(images, arm, 'after')];
  const draws = protocol.kind === 'subsample' && protocol.check === 'reserved' ? 1 : protocol.draws;
  return {
    fit: trust?.[arm] ?? null,
    draws,
    ofMean: draws > 1 && images.some((image) => image[arm].draws === undefined),
    bins: { before: before && reliability(before), after: after && reliability(after) },
    risk: { before: before && riskCoverage(before), after: after && riskCoverage(after) },
  };
}
