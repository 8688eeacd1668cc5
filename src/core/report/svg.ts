import { rangeBar, rangeBarSize } from '../../charts/range-bar.ts';
import { html, type Html } from './html.ts';

/** A mean with its range, drawn; the numbers stand beside it. */
export function rangeSvg(range: Parameters<typeof rangeBar>[0]): Html {
  const { width, height } = rangeBarSize;
  const x = rangeBar(range);
  const line = (at: number, from: number, to: number, kind: string): Html =>
    html`<line class="${kind}" x1="${at}" x2="${at}" y1="${from}" y2="${to}" />`;
  return html`<svg class="bar" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" aria-hidden="true">
    <line class="ground" x1="${x.start}" x2="${x.end}" y1="8" y2="8" />
    ${x.zero === null ? null : line(x.zero, 1, 15, 'zero')}
    <line class="range" x1="${x.low}" x2="${x.high}" y1="8" y2="8" />
    ${line(x.low, 4, 12, 'range')}${line(x.high, 4, 12, 'range')} ${x.ticks.map((tick) => line(tick, 11, 16, 'range'))}
    <circle class="mean" cx="${x.mean}" cy="8" r="3.5" />
  </svg>`;
}
