import type { ChartColours, ChartOption, Format } from './types.ts';

const sans = "'Inter Variable', system-ui, sans-serif";

/** What every chart has: quiet axes, no movement, hints drawn in the picture so that a strict style policy holds. */
export const base = (colours: ChartColours): ChartOption => ({
  animation: false,
  aria: { enabled: false },
  backgroundColor: 'transparent',
  textStyle: { fontFamily: sans, fontSize: 11, color: colours.quiet },
  tooltip: {
    trigger: 'axis',
    renderMode: 'richText',
    confine: true,
    backgroundColor: colours.ground,
    borderColor: colours.edge,
    borderWidth: 1,
    padding: [4, 8],
    textStyle: { color: colours.text, fontSize: 12, fontFamily: sans },
    axisPointer: { lineStyle: { color: colours.edge } },
  },
});

export const axis = (colours: ChartColours): ChartOption => ({
  axisLine: { lineStyle: { color: colours.edge } },
  axisTick: { show: false },
  axisLabel: { color: colours.quiet, fontSize: 11 },
  splitLine: { lineStyle: { color: colours.line } },
  nameTextStyle: { color: colours.quiet, fontSize: 11 },
});

/** Room for the names of both axes. */
export const namedGrid = {
  left: 8,
  right: 20,
  top: 28,
  bottom: 20,
  outerBoundsMode: 'same',
  outerBoundsContain: 'axisLabel',
};

/** An axis of values with its name along it. */
export const namedAxis = (colours: ChartColours, name: string, format: Format): ChartOption => ({
  ...axis(colours),
  type: 'value',
  name,
  axisLabel: { color: colours.quiet, fontSize: 11, formatter: format },
});

/** The same below the picture, without lines through it. */
export const below = { nameLocation: 'middle', nameGap: 24, splitLine: { show: false } };

/** The same beside the picture, its name above. */
export const beside = (colours: ChartColours): ChartOption => ({
  nameTextStyle: { color: colours.quiet, fontSize: 11, align: 'left' },
});

/** Of a value in percent. */
export const ofHundred =
  (percent: Format): Format =>
  (value) =>
    percent(Math.round(value) / 100);

/** A line without points that only says how far something reaches. */
export const edgeLine = (name: string, data: number[][], colour: string, percent: Format): ChartOption => ({
  type: 'line',
  name,
  silent: true,
  data,
  showSymbol: false,
  lineStyle: { color: colour, width: 1, type: 'dashed' },
  itemStyle: { color: colour },
  tooltip: { valueFormatter: (value: unknown) => percent(Number(value) / 100) },
});

/** A range of one value, drawn with its ends. */
export const rangeLine = (at: number, ends: readonly number[], colour: string): ChartOption => ({
  type: 'line',
  silent: true,
  data: ends.map((end) => [at, 100 * end]),
  symbol: 'rect',
  symbolSize: [9, 1],
  lineStyle: { color: colour, width: 1.5 },
  itemStyle: { color: colour },
});
