import type { Plan } from '../../../contract/runs.ts';

export type Range = readonly [low: number, high: number];

/** Words for spans of time: key below `adapt.time` and its numbers. */
export interface Span {
  readonly key: 'seconds' | 'minutes' | 'hours';
  readonly low: number;
  readonly high: number;
}

/** A range of seconds in the unit a person would use. */
export function spanOf([low, high]: Range): Span {
  if (high < 90) return { key: 'seconds', low: Math.max(1, Math.round(low)), high: Math.max(1, Math.round(high)) };
  if (high < 90 * 60) {
    return { key: 'minutes', low: Math.max(1, Math.round(low / 60)), high: Math.max(1, Math.round(high / 60)) };
  }
  return { key: 'hours', low: Math.max(0.1, Math.round(low / 360) / 10), high: Math.round(high / 360) / 10 };
}

export const sumOf = (stages: Plan['stages'], names?: readonly string[]): Range =>
  stages
    .filter(({ name }) => names === undefined || names.includes(name))
    .reduce<Range>(([low, high], { seconds }) => [low + seconds[0], high + seconds[1]], [0, 0]);

/** Stages of a run behind each of the plan's three lines. */
export const lineStages = [['prepare', 'adapt'], ['train'], ['check', 'write']] as const;
