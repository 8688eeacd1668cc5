import { axis, base } from './base.ts';
import type { Chart, Format } from './types.ts';

export interface ThresholdPoint {
  readonly threshold: number;
  readonly named: number;
  readonly toReview: number;
  readonly wrong: { readonly mean: number; readonly ci: readonly [number, number]; readonly images: number } | null;
}

export interface ThresholdWords {
  readonly threshold: string;
  readonly named: string;
  readonly toReview: string;
  readonly wrong: string;
  readonly percent: Format;
  readonly integer: Format;
  /** "1–9 in 100" of a low and a high share. */
  readonly range: (low: number, high: number) => string;
}

/** What each threshold would name, and how many of those are expected to be wrong, with the range as a band. */
export function thresholdChart(points: readonly ThresholdPoint[], at: number, words: ThresholdWords): Chart {
  const measured = points.filter(({ wrong }) => wrong !== null);
  const ends = (end: 0 | 1): number[][] =>
    measured.map(({ threshold, wrong }) => [100 * threshold, 100 * (wrong?.ci[end] ?? 0)]);
  const percentAxis = { formatter: (value: number) => words.percent(value / 100) };
  return {
    columns: [words.threshold, words.named, words.toReview, words.wrong],
    rows: points.map(({ threshold, named, toReview, wrong }) => [
      words.percent(threshold),
      words.integer(named),
      words.integer(toReview),
      wrong ? words.range(...wrong.ci) : '–',
    ]),
    option: (colours) => ({
      ...base(colours),
      grid: { left: 8, right: 8, top: 28, bottom: 20, outerBoundsMode: 'same', outerBoundsContain: 'axisLabel' },
      xAxis: {
        ...axis(colours),
        type: 'value',
        min: 50,
        max: 100,
        name: words.threshold,
        nameLocation: 'middle',
        nameGap: 24,
        splitLine: { show: false },
        axisLabel: { color: colours.quiet, fontSize: 11, ...percentAxis },
      },
      yAxis: [
        {
          ...axis(colours),
          type: 'value',
          min: 0,
          name: words.named,
          nameTextStyle: { color: colours.quiet, fontSize: 11, align: 'left' },
          axisLabel: { color: colours.quiet, fontSize: 11, formatter: words.integer },
        },
        {
          ...axis(colours),
          type: 'value',
          min: 0,
          name: words.wrong,
          nameTextStyle: { color: colours.quiet, fontSize: 11, align: 'right' },
          splitLine: { show: false },
          axisLabel: { color: colours.quiet, fontSize: 11, ...percentAxis },
        },
      ],
      series: [
        {
          type: 'line',
          name: words.named,
          data: points.map(({ threshold, named }) => [100 * threshold, named]),
          showSymbol: false,
          lineStyle: { color: colours.accent, width: 1.5 },
          itemStyle: { color: colours.accent },
          tooltip: { valueFormatter: (value: unknown) => words.integer(Number(value)) },
          markLine: {
            silent: true,
            symbol: 'none',
            label: { show: false },
            lineStyle: { color: colours.text, width: 1, type: 'solid' },
            data: [{ xAxis: 100 * at }],
          },
        },
        // The band: its lower end, and what is on top of that.
        ...[0, 1].map((end) => ({
          type: 'line',
          yAxisIndex: 1,
          name: words.wrong,
          data: ends(end as 0 | 1),
          showSymbol: false,
          lineStyle: { color: colours.warn, width: 1, type: 'dashed' },
          itemStyle: { color: colours.warn },
          tooltip: { valueFormatter: (value: unknown) => words.percent(Number(value) / 100) },
        })),
      ],
    }),
  };
}
