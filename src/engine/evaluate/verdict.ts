import type { Estimate, Verdict } from '../../contract/results.ts';
import type { ArmName } from '../../contract/run-files.ts';
import type { Interval, Spread } from '../../statistics/intervals.ts';
import { studentCdf } from '../../statistics/student.ts';

export interface Evidence {
  /** Paired difference of accuracy, adapted − plain, in 0..1. */
  readonly accuracy: Pick<Estimate, 'mean' | 'ci'>;
  readonly spread: Spread;
  readonly balancedAccuracy: Pick<Estimate, 'mean' | 'ci'>;
  readonly plainAccuracy: number;
  readonly adaptedAccuracy: number;
  readonly checkImages: number;
}

export interface Judgement {
  readonly verdict: Verdict;
  readonly recommendation: ArmName | 'undecided';
  /** The arm that is applied: `undecided` applies the plain one. */
  readonly deployed: ArmName;
  readonly headline: string;
  readonly notes: readonly string[];
}

/** Half-width of the interval above which nothing can be told, and the fewest check images. */
const widestHalf = 0.05;
const fewestImages = 30;
/** One-sided p below which a gain is called probable. */
const probableBelow = 0.2;

/** The rule of the design, section 3, "Verdict": on accuracy, with a veto of balanced accuracy. */
export function judge(evidence: Evidence): Judgement {
  const { verdict, recommendation, vetoed } = decide(evidence);
  return {
    verdict,
    recommendation,
    deployed: recommendation === 'adapted' ? 'adapted' : 'plain',
    headline: headline(verdict, evidence),
    notes: [rangeSentence(evidence), ...(vetoed ? [vetoSentence(evidence)] : [])],
  };
}

interface Decision {
  readonly verdict: Verdict;
  readonly recommendation: ArmName | 'undecided';
  readonly vetoed?: boolean;
}

function decide({ accuracy, spread, balancedAccuracy, checkImages }: Evidence): Decision {
  const sign = signOf(accuracy.ci);
  if (sign !== 0 && signOf(balancedAccuracy.ci) === -sign) {
    return { verdict: 'no-difference', recommendation: 'undecided', vetoed: true };
  }
  if (sign > 0) return { verdict: 'helped', recommendation: 'adapted' };
  if (sign < 0) return { verdict: 'worse', recommendation: 'plain' };
  if (checkImages < fewestImages || halfWidth(accuracy.ci) > widestHalf) {
    return { verdict: 'too-few', recommendation: 'undecided' };
  }
  if (accuracy.mean > 0 && chanceOfGainByLuck(accuracy.mean, spread) < probableBelow) {
    return { verdict: 'probably', recommendation: 'undecided' };
  }
  return { verdict: 'no-difference', recommendation: 'plain' };
}

/** 1 above 0, −1 below, 0 where the interval holds 0. */
const signOf = ([low, high]: Interval): number => (low > 0 ? 1 : high < 0 ? -1 : 0);
const halfWidth = ([low, high]: Interval): number => (high - low) / 2;

/** One-sided p of a gain at least as large where there is none. */
function chanceOfGainByLuck(mean: number, { variance, degrees }: Spread): number {
  if (degrees < 1) return 1;
  return variance === 0 ? 0 : 1 - studentCdf(mean / Math.sqrt(variance), degrees);
}

function headline(verdict: Verdict, evidence: Evidence): string {
  const { accuracy, plainAccuracy, adaptedAccuracy } = evidence;
  switch (verdict) {
    case 'helped': {
      const digits = Math.round(100 * adaptedAccuracy) > Math.round(100 * plainAccuracy) ? 0 : 1;
      const [after, before] = [adaptedAccuracy, plainAccuracy].map((share) => (100 * share).toFixed(digits));
      return `Adapting to your images helped. Of 100 new images it names ${after} correctly, instead of ${before}.`;
    }
    case 'worse':
      return `Adapting made it worse here (${signedRange(accuracy.ci)}). Acclimate will use the model without it.`;
    case 'probably':
      return 'Adapting probably helped a little; the range still includes no gain.';
    case 'no-difference':
      return 'Adapting made no clear difference. Acclimate will use the simpler model.';
    case 'too-few': {
      const more = imagesWanted(evidence);
      return `Too few check images to tell. Label ${more} more random image${more === 1 ? '' : 's'}.`;
    }
  }
}

/** How many more check images would make the interval narrow enough, its width shrinking as 1/√n. */
function imagesWanted({ accuracy, checkImages }: Evidence): number {
  const forWidth = Math.ceil(checkImages * (halfWidth(accuracy.ci) / widestHalf) ** 2) - checkImages;
  return Math.max(1, fewestImages - checkImages, forWidth);
}

function rangeSentence({ accuracy: { ci } }: Evidence): string {
  if (signOf(ci) > 0) return `The gain is between ${points(ci[0])} and ${points(ci[1])} (95 % range).`;
  return `The difference is between ${signedRange(ci, ' and ')} in 100 (95 % range).`;
}

const vetoSentence = ({ accuracy, balancedAccuracy }: Evidence): string =>
  `Images as they come (${signedRange(accuracy.ci)}) and each class counted equally (${signedRange(balancedAccuracy.ci)}) point in opposite directions, so Acclimate does not call it a gain.`;

const points = (share: number): string => (100 * share).toFixed(1);

/** `−0.8 to +1.9`, in points. */
export function signedRange([low, high]: Interval, between = ' to '): string {
  const signed = (share: number): string => {
    const shown = points(Math.abs(share));
    return `${Number(shown) === 0 ? '' : share < 0 ? '−' : '+'}${shown}`;
  };
  return `${signed(low)}${between}${signed(high)}`;
}
