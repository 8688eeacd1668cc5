import { base, below, beside, edgeLine, namedAxis, namedGrid, ofHundred, rangeLine } from './base.ts';
import type { Chart, ChartColours, ChartOption, Format } from './types.ts';

/** What about the same was said of, and how often it was right; shares 0..1. */
export interface ReliabilityPoint {
  readonly said: number;
  readonly mean: number;
  readonly ci: readonly [number, number];
  readonly images: number;
}

export interface ReliabilityWords {
  readonly said: string;
  readonly right: string;
  readonly images: string;
  readonly percent: Format;
  readonly integer: Format;
  readonly range: (low: number, high: number) => string;
}

/** From nothing to all. */
const percentAxis = (colours: ChartColours, name: string, percent: Format): ChartOption => ({
  ...namedAxis(colours, name, ofHundred(percent)),
  min: 0,
  max: 100,
});

/**
 * Reliability diagram: how often it was right where it said about the same, with 95 % ranges and the number of images
 * beside each point; the dashed line is where both agree. The points are the first series, in the order given.
 * @param counted false where there is no room for these numbers, and the table stands beside it
 */
export function reliabilityChart(
  points: readonly ReliabilityPoint[],
  words: ReliabilityWords,
  { counted = true }: { readonly counted?: boolean } = {},
): Chart {
  return {
    columns: [words.said, words.right, words.images],
    rows: points.map(({ said, mean, ci, images }) => [
      words.percent(said),
      `${words.percent(mean)} (${words.range(...ci)})`,
      words.integer(images),
    ]),
    option: (colours) => ({
      ...base(colours),
      tooltip: { show: false },
      grid: namedGrid,
      xAxis: { ...percentAxis(colours, words.said, words.percent), ...below },
      yAxis: { ...percentAxis(colours, words.right, words.percent), ...beside(colours) },
      series: [
        {
          type: 'line',
          name: words.right,
          data: points.map(({ said, mean }) => [100 * said, 100 * mean]),
          symbol: 'circle',
          symbolSize: 9,
          lineStyle: { color: colours.accent, width: 1.5 },
          itemStyle: { color: colours.accent },
          label: {
            show: counted,
            position: 'right',
            distance: 6,
            color: colours.quiet,
            fontSize: 11,
            formatter: ({ dataIndex }: { dataIndex: number }) => words.integer(points[dataIndex]?.images ?? 0),
          },
        },
        {
          type: 'line',
          silent: true,
          data: [
            [0, 0],
            [100, 100],
          ],
          showSymbol: false,
          lineStyle: { color: colours.edge, width: 1, type: 'dashed' },
        },
        ...points.map(({ said, ci }) => rangeLine(100 * said, ci, colours.accent)),
      ],
    }),
  };
}

export interface CoveragePoint {
  readonly threshold: number;
  readonly coverage: number;
  readonly wrong: { readonly mean: number; readonly ci: readonly [number, number]; readonly images: number };
}

export interface CoverageWords {
  readonly named: string;
  readonly wrong: string;
  readonly threshold: string;
  readonly images: string;
  readonly percent: Format;
  readonly integer: Format;
  readonly range: (low: number, high: number) => string;
}

/** Risk–coverage curve: the share of wrong names where only the surest images are named, with its range dashed. */
export function coverageChart(points: readonly CoveragePoint[], words: CoverageWords): Chart {
  const line = (value: (point: CoveragePoint) => number): number[][] =>
    points.map((point) => [100 * point.coverage, 100 * value(point)]);
  return {
    columns: [words.named, words.threshold, words.wrong, words.images],
    rows: points.map(({ threshold, coverage, wrong }) => [
      words.percent(coverage),
      words.percent(threshold),
      `${words.percent(wrong.mean)} (${words.range(...wrong.ci)})`,
      words.integer(wrong.images),
    ]),
    option: (colours) => ({
      ...base(colours),
      grid: namedGrid,
      xAxis: { ...percentAxis(colours, words.named, words.percent), ...below },
      yAxis: { ...percentAxis(colours, words.wrong, words.percent), ...beside(colours), max: 'dataMax' },
      series: [
        {
          type: 'line',
          name: words.wrong,
          data: line(({ wrong }) => wrong.mean),
          symbolSize: 6,
          lineStyle: { color: colours.accent, width: 1.5 },
          itemStyle: { color: colours.accent },
          tooltip: { valueFormatter: (value: unknown) => words.percent(Number(value) / 100) },
        },
        ...([0, 1] as const).map((end) =>
          edgeLine(
            words.wrong,
            line(({ wrong }) => wrong.ci[end]),
            colours.warn,
            words.percent,
          ),
        ),
      ],
    }),
  };
}
