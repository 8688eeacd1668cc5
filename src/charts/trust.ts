import { axis, base } from './base.ts';
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

const percentAxis = (colours: ChartColours, name: string, percent: Format): ChartOption => ({
  ...axis(colours),
  type: 'value',
  min: 0,
  max: 100,
  name,
  axisLabel: { color: colours.quiet, fontSize: 11, formatter: (value: number) => percent(value / 100) },
});

const grid = { left: 8, right: 20, top: 28, bottom: 20, outerBoundsMode: 'same', outerBoundsContain: 'axisLabel' };

/**
 * Reliability diagram: how often it was right where it said about the same, with 95 % ranges and the number of images
 * beside each point; the dashed line is where both agree. The points are the first series, in the order given.
 */
export function reliabilityChart(points: readonly ReliabilityPoint[], words: ReliabilityWords): Chart {
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
      grid,
      xAxis: {
        ...percentAxis(colours, words.said, words.percent),
        nameLocation: 'middle',
        nameGap: 24,
        splitLine: { show: false },
      },
      yAxis: {
        ...percentAxis(colours, words.right, words.percent),
        nameTextStyle: { color: colours.quiet, fontSize: 11, align: 'left' },
      },
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
            show: true,
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
        ...points.map(({ said, ci }) => ({
          type: 'line',
          silent: true,
          data: ci.map((end) => [100 * said, 100 * end]),
          symbol: 'rect',
          symbolSize: [9, 1],
          lineStyle: { color: colours.accent, width: 1.5 },
          itemStyle: { color: colours.accent },
        })),
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
      grid,
      xAxis: {
        ...percentAxis(colours, words.named, words.percent),
        nameLocation: 'middle',
        nameGap: 24,
        splitLine: { show: false },
      },
      yAxis: {
        ...percentAxis(colours, words.wrong, words.percent),
        max: 'dataMax',
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
          name: words.wrong,
          data: line(({ wrong }) => wrong.mean),
          symbolSize: 6,
          lineStyle: { color: colours.accent, width: 1.5 },
          itemStyle: { color: colours.accent },
          tooltip: { valueFormatter: (value: unknown) => words.percent(Number(value) / 100) },
        },
        ...([0, 1] as const).map((end) => ({
          type: 'line',
          name: words.wrong,
          silent: true,
          data: line(({ wrong }) => wrong.ci[end]),
          showSymbol: false,
          lineStyle: { color: colours.warn, width: 1, type: 'dashed' },
          itemStyle: { color: colours.warn },
          tooltip: { valueFormatter: (value: unknown) => words.percent(Number(value) / 100) },
        })),
      ],
    }),
  };
}
