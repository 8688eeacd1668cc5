/** Numbers and times as the page shows them. */

export const count = (value: number): string => Math.round(value).toLocaleString('en');

/** 0.912 as "91.2". */
export const percent = (value: number): string => (100 * value).toFixed(1);

/** With its sign, so that a gain and a loss look different: 0.012 as "+1.2". */
export const signedPercent = (value: number): string => {
  const text = percent(Math.abs(value));
  if (text === '0.0') return text;
  return value > 0 ? `+${text}` : `−${text}`;
};

export const plain = (value: number): string => value.toFixed(3).replace('-', '−');
export const signedPlain = (value: number): string => (value > 0 ? `+${plain(value)}` : plain(value));

/** "18 min left", in the unit a person would say. */
export function duration(seconds: number): string {
  if (seconds < 90) return `${Math.max(1, Math.round(seconds))} s`;
  if (seconds < 90 * 60) return `${Math.round(seconds / 60)} min`;
  return `${(seconds / 3600).toFixed(1)} h`;
}

export const when = (iso: string): string =>
  new Date(iso).toLocaleString('en', { dateStyle: 'medium', timeStyle: 'short' });
