/** Size of the picture of a range. */
export const rangeBarSize = { width: 200, height: 16 } as const;

interface Range {
  readonly mean: number;
  readonly ci: readonly [number, number];
  readonly scale: readonly [number, number];
  /** Where to draw the line of no difference; by default at 0 where the scale goes below. */
  readonly zero?: number | undefined;
  /** Single checks behind the mean, as short lines. */
  readonly ticks?: readonly number[] | undefined;
}

/** Places along a picture 200 wide: a mean with its range on a scale. */
export interface RangeBarPlaces {
  readonly start: number;
  readonly end: number;
  readonly mean: number;
  readonly low: number;
  readonly high: number;
  readonly zero: number | null;
  readonly ticks: readonly number[];
}

export function rangeBar({ mean, ci, scale, zero, ticks = [] }: Range): RangeBarPlaces {
  const start = 4;
  const end = rangeBarSize.width - start;
  const place = (value: number): number => {
    const share = (value - scale[0]) / (scale[1] - scale[0]);
    return start + (end - start) * Math.min(1, Math.max(0, share));
  };
  const line = zero ?? (scale[0] < 0 ? 0 : undefined);
  return {
    start,
    end,
    mean: place(mean),
    low: place(ci[0]),
    high: place(ci[1]),
    zero: line === undefined ? null : place(line),
    ticks: ticks.map(place),
  };
}
