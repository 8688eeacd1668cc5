/** Numbers as people read them; `.` decimals and thin grouping, the same on every machine. */
export const count = (value: number): string => String(Math.round(value)).replace(/\B(?=(\d{3})+$)/g, ',');

export const bytes = (value: number): string => {
  const units = ['bytes', 'KB', 'MB', 'GB', 'TB'];
  let unit = 0;
  let scaled = value;
  while (scaled >= 1000 && unit < units.length - 1) {
    scaled /= 1000;
    unit += 1;
  }
  return `${unit === 0 ? scaled : scaled.toFixed(1)} ${units[unit]!}`;
};

export const duration = (seconds: number): string => {
  if (seconds < 90) return `${Math.max(0, Math.round(seconds))} s`;
  if (seconds < 90 * 60) return `${Math.round(seconds / 60)} min`;
  return `${(seconds / 3600).toFixed(1)} h`;
};

export const plural = (value: number, one: string, many = `${one}s`): string =>
  `${count(value)} ${Math.round(value) === 1 ? one : many}`;

const signed = (value: number, digits: number): string => `${value < 0 ? '−' : '+'}${Math.abs(value).toFixed(digits)}`;

export interface Scale {
  readonly factor: number;
  readonly digits: number;
}

/** Of a share: as so many of 100, and the same in whole numbers. */
export const percent: Scale = { factor: 100, digits: 1 };
export const wholePercent = (share: number): string => (100 * share).toFixed(0);

export const range = (mean: number, ci: readonly [number, number], { factor, digits }: Scale): string => {
  const show = (value: number): string => (value * factor).toFixed(digits);
  return `${show(mean)} (${show(ci[0])}–${show(ci[1])})`;
};

export const signedRange = (mean: number, ci: readonly [number, number], { factor, digits }: Scale): string => {
  const show = (value: number): string => signed(value * factor, digits);
  return `${show(mean)} (${show(ci[0])} to ${show(ci[1])})`;
};
