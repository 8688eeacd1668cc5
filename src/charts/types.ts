import type { EChartsCoreOption } from 'echarts/core';

/** Colours of the theme a chart is drawn in. */
export interface ChartColours {
  readonly ground: string;
  readonly text: string;
  readonly quiet: string;
  readonly line: string;
  readonly edge: string;
  readonly accent: string;
  readonly warn: string;
}

export type ChartOption = EChartsCoreOption;

/** A chart before it is drawn: the same for the page and for a printed report. */
export interface Chart {
  option(colours: ChartColours): ChartOption;
  /** The numbers it shows, for reading them as a table. */
  readonly columns: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

/** How numbers are written in the reader's language. */
export type Format = (value: number) => string;
