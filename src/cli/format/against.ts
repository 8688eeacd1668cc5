import type { CoreCalls } from '../../contract/core-calls.ts';
import type { OutputOf } from '../../rpc/types.ts';
import { percent, plural, signedRange } from './numbers.ts';

type ComparedRun = OutputOf<CoreCalls, 'results.compare'>['runs'][number];

const reasons: Record<NonNullable<ComparedRun['unpaired']>, string> = {
  training: 'they were trained with different labels',
  check: 'they were checked on different images or labels',
  splits: 'they were checked in different ways',
  unlisted: 'the check images of one of them were not listed',
};

const whose = { both: 'either adaptation', this: 'this adaptation', selected: 'the other adaptation' } as const;

/** A run beside another one, on the same check images, or why it cannot be. */
export function againstText(row: ComparedRun, other: string): string {
  const { paired, unpaired } = row;
  if (unpaired) return `Not paired with run ${other}: ${reasons[unpaired]}.`;
  if (!paired) return `Run ${other} is this one.`;
  const { mean, ci, images, outside, onlyThis, onlySelected } = paired;
  const seeds = outside === null ? '' : ` The seed of ${whose[outside]} is not in the range.`;
  return `Against run ${other}: ${signedRange(mean, ci, percent)} of 100, on the same ${plural(images, 'check image')}; ${onlyThis} named correctly only here, ${onlySelected} only there.${seeds}`;
}
