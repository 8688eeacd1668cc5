import type { ChartColours, ChartOption } from './types.ts';

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
