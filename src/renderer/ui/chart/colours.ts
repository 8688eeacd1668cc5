import type { ChartColours } from '../../../charts/types.ts';

const tokens: Readonly<Record<keyof ChartColours, string>> = {
  ground: '--bg2',
  text: '--fg',
  quiet: '--fg2',
  line: '--line',
  edge: '--edge',
  accent: '--accent',
  warn: '--warn',
};

/** The theme's colours as they stand at this element. */
export function coloursAt(element: Element): ChartColours {
  const style = getComputedStyle(element);
  return Object.fromEntries(
    Object.entries(tokens).map(([name, token]) => [name, style.getPropertyValue(token).trim()]),
  ) as Record<keyof ChartColours, string>;
}
