import { LineChart } from 'echarts/charts';
import { AriaComponent, GridComponent, MarkLineComponent, TooltipComponent } from 'echarts/components';
import { init, use } from 'echarts/core';
import { SVGRenderer } from 'echarts/renderers';
import type { ChartOption } from './types.ts';

// The parts that are used, and nothing else.
use([LineChart, GridComponent, MarkLineComponent, TooltipComponent, AriaComponent, SVGRenderer]);

export { init };

/** The chart as one SVG text, drawn without a page. */
export function svgOf(option: ChartOption, width: number, height: number): string {
  const chart = init(null, null, { renderer: 'svg', ssr: true, width, height });
  chart.setOption({ ...option, animation: false });
  const svg = chart.renderToSVGString();
  chart.dispose();
  return svg;
}
