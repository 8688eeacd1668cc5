import type { OutputOf } from '../../../rpc/types.ts';
import type { CoreCalls } from '../../../contract/core-calls.ts';

export type Curve = OutputOf<CoreCalls, 'apply.curve'>;
export type CurvePoint = Curve['points'][number];

export const lowest = 0.5;
export const highest = 0.99;
export const step = 0.01;

/** The point of the curve nearest to a threshold: what it would name and leave. */
export function pointAt(points: readonly CurvePoint[], threshold: number): CurvePoint | undefined {
  return points.toSorted((a, b) => Math.abs(a.threshold - threshold) - Math.abs(b.threshold - threshold))[0];
}

/** Ends of a range of shares in whole images of 100; the low end is never rounded above the high one. */
export const inHundred = ([low, high]: readonly [number, number]): [number, number] => {
  const from = Math.round(100 * low);
  return [from, Math.max(from, Math.round(100 * high))];
};
