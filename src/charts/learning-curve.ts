import { axis, base } from './base.ts';
import type { Chart, Format } from './types.ts';

export interface LearningPoint {
  readonly labels: number;
  readonly mean: number;
  readonly ci: readonly [number, number];
}

export interface LearningOutlook {
  readonly labels: number;
  readonly gain: { readonly mean: number; readonly ci: readonly [number, number] };
  readonly line: readonly { readonly labels: number; readonly mean: number }[];
}

export interface LearningWords {
  readonly labels: string;
  readonly score: string;
  readonly guess: string;
  readonly percent: Format;
  readonly integer: Format;
  readonly range: (low: number, high: number) => string;
}

/** Score against labels per class with its 95 % band; what more labels would buy is dashed, with its range at the end. */
export function learningCurveChart(
  points: readonly LearningPoint[],
  outlook: LearningOutlook | null,
  words: LearningWords,
): Chart {
  const last = points.at(-1);
  const end = outlook?.line.at(-1);
  const ends = last && outlook ? outlook.gain.ci.map((gain) => Math.min(1, Math.max(0, last.mean + gain))) : [];
  // The guess goes on from where the curve ends, not from where the fit has it.
  const shift = last && outlook ? last.mean - (outlook.line[0]?.mean ?? last.mean) : 0;
  const line = (value: (point: LearningPoint) => number): number[][] =>
    points.map((point) => [point.labels, 100 * value(point)]);
  const guessed = end ? [[`${words.integer(end.labels)} (${words.guess})`, words.range(ends[0]!, ends[1]!)]] : [];
  return {
    columns: [words.labels, words.score],
    rows: [
      ...points.map(({ labels, mean, ci }) => [
        words.integer(labels),
        `${words.percent(mean)} (${words.range(ci[0], ci[1])})`,
      ]),
      ...guessed,
    ],
    option: (colours) => ({
      ...base(colours),
      grid: { left: 8, right: 16, top: 28, bottom: 20, outerBoundsMode: 'same', outerBoundsContain: 'axisLabel' },
      xAxis: {
        ...axis(colours),
        type: 'value',
        min: 0,
        max: end?.labels ?? last?.labels ?? 1,
        name: words.labels,
        nameLocation: 'middle',
        nameGap: 24,
        splitLine: { show: false },
        axisLabel: { color: colours.quiet, fontSize: 11, formatter: (value: number) => words.integer(value) },
      },
      yAxis: {
        ...axis(colours),
        type: 'value',
        scale: true,
        max: (axisRange: { max: number }) => Math.min(100, Math.ceil(axisRange.max)),
        name: words.score,
        nameTextStyle: { color: colours.quiet, fontSize: 11, align: 'left' },
        axisLabel: {
          color: colours.quiet,
          fontSize: 11,
          formatter: (value: number) => words.percent(Math.round(value) / 100),
        },
      },
      series: [
        {
          type: 'line',
          name: words.score,
          data: line(({ mean }) => mean),
          symbol: 'circle',
          symbolSize: 7,
          lineStyle: { color: colours.accent, width: 1.5 },
          itemStyle: { color: colours.accent },
          tooltip: { valueFormatter: (value: unknown) => words.percent(Number(value) / 100) },
        },
        ...([0, 1] as const).map((which) => ({
          type: 'line',
          name: words.score,
          silent: true,
          data: line(({ ci }) => ci[which]),
          showSymbol: false,
          lineStyle: { color: colours.edge, width: 1 },
          itemStyle: { color: colours.edge },
          tooltip: { valueFormatter: (value: unknown) => words.percent(Number(value) / 100) },
        })),
        ...(outlook && end
          ? [
              {
                type: 'line',
                name: words.guess,
                silent: true,
                data: outlook.line.map((point) => [point.labels, 100 * Math.min(1, point.mean + shift)]),
                showSymbol: false,
                lineStyle: { color: colours.warn, width: 1.5, type: 'dashed' },
                itemStyle: { color: colours.warn },
                tooltip: { valueFormatter: (value: unknown) => words.percent(Number(value) / 100) },
              },
              {
                type: 'line',
                silent: true,
                data: ends.map((value) => [end.labels, 100 * value]),
                symbol: 'rect',
                symbolSize: [9, 1],
                lineStyle: { color: colours.warn, width: 1.5 },
                itemStyle: { color: colours.warn },
              },
            ]
          : []),
      ],
    }),
  };
}
