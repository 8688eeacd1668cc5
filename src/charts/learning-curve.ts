import { base, below, beside, edgeLine, namedAxis, namedGrid, ofHundred, rangeLine } from './base.ts';
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
  /** Of labels per class, which need not be whole: a mean over classes and splits. */
  readonly number: Format;
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
  const guessed = end ? [[`${words.number(end.labels)} (${words.guess})`, words.range(ends[0]!, ends[1]!)]] : [];
  return {
    columns: [words.labels, words.score],
    rows: [
      ...points.map(({ labels, mean, ci }) => [
        words.number(labels),
        `${words.percent(mean)} (${words.range(ci[0], ci[1])})`,
      ]),
      ...guessed,
    ],
    option: (colours) => ({
      ...base(colours),
      grid: namedGrid,
      xAxis: {
        ...namedAxis(colours, words.labels, words.number),
        ...below,
        min: 0,
        max: Math.ceil(end?.labels ?? last?.labels ?? 1),
        minInterval: 1,
      },
      yAxis: {
        ...namedAxis(colours, words.score, ofHundred(words.percent)),
        ...beside(colours),
        scale: true,
        max: (reach: { max: number }) => Math.min(100, Math.ceil(reach.max)),
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
        ...([0, 1] as const).map((which) =>
          edgeLine(
            words.score,
            line(({ ci }) => ci[which]),
            colours.edge,
            words.percent,
          ),
        ),
        ...(outlook && end
          ? [
              edgeLine(
                words.guess,
                outlook.line.map((point) => [point.labels, 100 * Math.min(1, point.mean + shift)]),
                colours.warn,
                words.percent,
              ),
              rangeLine(end.labels, ends, colours.warn),
            ]
          : []),
      ],
    }),
  };
}
