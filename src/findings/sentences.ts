import type { z } from 'zod';
import type { runCalls } from '../contract/calls/runs.ts';
import type { Results } from '../contract/results.ts';
import type { Numbers } from './numbers.ts';

/** What is said beside a score. */
export type Context = z.infer<(typeof runCalls)['results.context']['output']>;

/** A sentence of the catalogue with what it names; `count` chooses its plural. */
export interface Sentence {
  readonly key: string;
  readonly named: Readonly<Record<string, string | number>>;
  readonly count?: number;
}

/** Half of the range above which nothing can be told, and the fewest check images: the rule of the verdict. */
const widestHalf = 0.05;
const fewestImages = 30;

/** How many more check images would make the range narrow enough, its width shrinking as 1/√n. */
export function imagesWanted({ difference, protocol }: Pick<Results, 'difference' | 'protocol'>): number {
  const [low, high] = difference.accuracy.ci;
  const { checkImages } = protocol;
  const forWidth = Math.ceil(checkImages * ((high - low) / 2 / widestHalf) ** 2) - checkImages;
  return Math.max(1, fewestImages - checkImages, forWidth);
}

/** `−0.8 to +1.9`, as named values. */
const ends = (ci: readonly [number, number], { signed }: Numbers): { low: string; high: string } => ({
  low: signed(ci[0]),
  high: signed(ci[1]),
});

/** The one sentence of the Summary, by the verdict. */
export function headline(results: Results, chosenByHand: boolean, numbers: Numbers): Sentence {
  const { verdict, arms, difference } = results;
  switch (verdict) {
    case 'helped': {
      const [after, before] = [arms.adapted.accuracy.mean, arms.plain.accuracy.mean];
      const decimals = Math.round(100 * after) > Math.round(100 * before) ? 0 : 1;
      return {
        key: chosenByHand ? 'results.headline.helpedLikeThese' : 'results.headline.helped',
        named: { after: numbers.hundred(after, decimals), before: numbers.hundred(before, decimals) },
      };
    }
    case 'worse':
      return { key: 'results.headline.worse', named: ends(difference.accuracy.ci, numbers) };
    case 'probably':
      return { key: 'results.headline.probably', named: {} };
    case 'no-difference':
      return { key: 'results.headline.noDifference', named: {} };
    case 'too-few': {
      const n = imagesWanted(results);
      return { key: 'results.headline.tooFew', named: { n: numbers.integer(n) }, count: n };
    }
  }
}

/** 1 above 0, −1 below, 0 where the range holds 0. */
const signOf = ([low, high]: readonly [number, number]): number => (low > 0 ? 1 : high < 0 ? -1 : 0);

/** Images as they come say one thing and each class counted equally the other: the rule of the verdict calls neither. */
const isVetoed = ({ difference: { accuracy, balancedAccuracy } }: Results): boolean =>
  signOf(accuracy.ci) * signOf(balancedAccuracy.ci) === -1;

/** Under the headline: between what the gain lies. */
export function rangeSentence(results: Results, numbers: Numbers): Sentence {
  const { verdict, difference } = results;
  const { ci } = difference.accuracy;
  if (verdict === 'no-difference' && !isVetoed(results)) {
    return { key: 'messages.result.noGain', named: ends(ci, numbers) };
  }
  if (verdict === 'helped') {
    return { key: 'results.range.gain', named: { low: numbers.hundred(ci[0], 1), high: numbers.hundred(ci[1], 1) } };
  }
  return { key: 'results.range.difference', named: ends(ci, numbers) };
}

/** Where the score comes from. */
export function measuredOn({ protocol, groups }: Results, { integer }: Numbers): readonly Sentence[] {
  const { checkImages, checkGroups, seeds, draws } = protocol;
  const images = { key: 'results.measured.images', named: { n: integer(checkImages) }, count: checkImages };
  const from =
    protocol.check === 'repeated'
      ? { key: 'results.measured.repeated', named: { n: integer(draws) }, count: draws }
      : groups > 0 && checkGroups > 0
        ? { key: 'results.measured.groups', named: { n: integer(checkGroups) }, count: checkGroups }
        : { key: 'results.measured.apart', named: {} };
  return [images, from, { key: 'results.measured.seeds', named: { n: integer(seeds) }, count: seeds }];
}

const fewGroups = 10;
/** Fewer images than this on one side, named correctly or wrongly, leave the ranges rough. */
const fewestOfEither = 5;

/** What a reader must know beside the score. `tone` is how loud. */
export function caveats(
  results: Results,
  context: Context | undefined,
  numbers: Numbers,
): readonly (Sentence & { readonly tone: 'warn' | 'info' })[] {
  const { protocol } = results;
  const { integer } = numbers;
  const said: (Sentence & { tone: 'warn' | 'info' })[] = [];
  if (isVetoed(results)) {
    const [asTheyCome, equally] = [results.difference.accuracy, results.difference.balancedAccuracy].map(({ ci }) =>
      ends(ci, numbers),
    );
    said.push({
      key: 'results.note.opposite',
      named: { low: asTheyCome!.low, high: asTheyCome!.high, equalLow: equally!.low, equalHigh: equally!.high },
      tone: 'warn',
    });
  }
  if (context && context.fixedAfter > 0) {
    const n = context.fixedAfter;
    said.push({ key: 'results.note.fixedAfter', named: { n: integer(n) }, count: n, tone: 'warn' });
  }
  if (protocol.check === 'repeated') said.push({ key: 'results.note.chosen', named: {}, tone: 'warn' });
  else if (protocol.checkGroups === 0) said.push({ key: 'results.note.noGroups', named: {}, tone: 'warn' });
  else if (protocol.checkGroups < fewGroups) {
    const n = protocol.checkGroups;
    said.push({ key: 'results.note.fewGroups', named: { n: integer(n) }, count: n, tone: 'warn' });
  }
  const share = results.arms[results.deployed].accuracy.mean;
  if (Math.min(share, 1 - share) * protocol.checkImages < fewestOfEither) {
    const key = share < 0.5 ? 'results.note.fewRight' : 'results.note.fewWrong';
    said.push({ key, named: { n: integer(fewestOfEither) }, tone: 'warn' });
  }
  if (protocol.weighted) said.push({ key: 'results.note.weighted', named: {}, tone: 'info' });
  if (protocol.seeds === 1) said.push({ key: 'results.note.oneSeed', named: {}, tone: 'info' });
  if (context) {
    const { checkNamed, checkUnsure, checkSkipped, checkNone } = context;
    const leftOut = checkUnsure + checkSkipped + checkNone;
    if (leftOut > 0) {
      const named = {
        all: integer(checkNamed + leftOut),
        named: integer(checkNamed),
        unsure: integer(checkUnsure),
        skipped: integer(checkSkipped),
        none: integer(checkNone),
      };
      said.push({ key: 'results.note.leftOut', named, tone: 'info' });
    }
  }
  return said;
}

/** Above this share of one class, naming only that one looks good as images come. */
const dominantAbove = 0.6;

/** The measure that is drawn large. */
export const preferred = (context: Context | undefined): 'accuracy' | 'balancedAccuracy' =>
  (context?.commonest.share ?? 0) > dominantAbove ? 'balancedAccuracy' : 'accuracy';
