import type { Estimate, Results } from '../contract/results.ts';
import { armNames, type ArmName } from '../contract/run-files.ts';
import { classRows, weakest, type ClassRow, type Counts, type Weights } from './classes.ts';
import type { Numbers } from './numbers.ts';
import { sharedScale } from './ranges.ts';
import { preferred, type Context } from './sentences.ts';

type Measure = 'accuracy' | 'balancedAccuracy';

/** What the Summary draws large, and what it compares it with. */
export interface Summary {
  readonly measure: Measure;
  readonly other: Measure;
  /** What naming without looking would reach in the measure: the commonest class always, or chance. */
  readonly byChance: number | null;
  readonly scale: readonly [number, number];
  readonly difference: Estimate;
  /** How many of the checks went up. */
  readonly wentUp: number;
}

export function summaryOf(results: Results, context: Context | undefined): Summary {
  const measure = preferred(context);
  const byChance =
    measure === 'balancedAccuracy' ? 1 / Math.max(1, results.classes.length) : (context?.commonest.share ?? null);
  const difference = results.difference[measure];
  return {
    measure,
    other: measure === 'accuracy' ? 'balancedAccuracy' : 'accuracy',
    byChance,
    scale: sharedScale(
      armNames.map((arm) => results.arms[arm][measure]),
      byChance === null ? [] : [byChance],
    ),
    difference,
    wentUp: difference.perDraw.filter((each) => each > 0).length,
  };
}

/** The weakest class of the model that is used. */
export const weakestOf = (
  { arms }: Results,
  counts: Readonly<Record<ArmName, Counts>>,
  weights: Readonly<Record<ArmName, Weights | null>>,
  chosen: ArmName,
): ClassRow | undefined => weakest(classRows(counts[chosen], arms[chosen].perClass, weights[chosen]));

export const recommendedOf = ({ recommendation }: Pick<Results, 'recommendation'>): ArmName =>
  recommendation === 'adapted' ? 'adapted' : 'plain';

interface Interval {
  readonly mean: number;
  readonly ci: readonly [number, number];
}

/** "84–95" of a range of shares. */
export const rangeText = (ci: readonly [number, number], { hundred }: Numbers): string =>
  `${hundred(ci[0])}–${hundred(ci[1])}`;

/** "91 (84–95)". */
export const scoreText = ({ mean, ci }: Interval, numbers: Numbers): string =>
  `${numbers.hundred(mean)} (${rangeText(ci, numbers)})`;

/** "+6.8 (+0.3 to +13.3)", with the language's word between the ends. */
export const differenceText = ({ mean, ci }: Interval, { signed }: Numbers, to: string): string =>
  `${signed(mean)} (${signed(ci[0])} ${to} ${signed(ci[1])})`;
