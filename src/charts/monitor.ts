import type { MonitorRow } from '../contract/run-files.ts';
import { axis, base } from './base.ts';
import type { Chart, Format } from './types.ts';

export type MonitorValue = 'loss' | 'embeddingStd' | 'effectiveRank' | 'knnAccuracy';

export interface MonitorWords {
  readonly pass: string;
  readonly value: string;
  /** Name of the line at the value before the first step. */
  readonly start: string;
  readonly format: Format;
}

/** One value of an adaptation over its passes, against what it was before the first step. */
export function monitorChart(rows: readonly MonitorRow[], value: MonitorValue, words: MonitorWords): Chart {
  const points = rows.flatMap((row) => {
    const at = row[value];
    return at === null ? [] : [[row.epoch, at] as const];
  });
  const start = points.find(([epoch]) => epoch === 0)?.[1];
  const passes = Math.max(1, ...points.map(([epoch]) => epoch));
  return {
    columns: [words.pass, words.value],
    rows: points.map(([epoch, at]) => [String(epoch), words.format(at)]),
    option: (colours) => ({
      ...base(colours),
      grid: { left: 4, right: 8, top: 8, bottom: 4, outerBoundsMode: 'same', outerBoundsContain: 'axisLabel' },
      xAxis: { ...axis(colours), type: 'value', min: 0, max: passes, minInterval: 1, splitLine: { show: false } },
      yAxis: {
        ...axis(colours),
        type: 'value',
        scale: true,
        splitNumber: 2,
        axisLabel: { color: colours.quiet, fontSize: 11, formatter: words.format },
      },
      series: [
        {
          type: 'line',
          name: words.value,
          data: points.map((point) => [...point]),
          showSymbol: points.length < 3,
          symbolSize: 5,
          lineStyle: { color: colours.accent, width: 1.5 },
          itemStyle: { color: colours.accent },
          tooltip: { valueFormatter: (at: unknown) => words.format(Number(at)) },
          ...(start === undefined
            ? {}
            : {
                markLine: {
                  silent: true,
                  symbol: 'none',
                  label: { show: false },
                  lineStyle: { color: colours.edge, type: 'dashed', width: 1 },
                  data: [{ yAxis: start, name: words.start }],
                },
              }),
        },
      ],
    }),
  };
}
