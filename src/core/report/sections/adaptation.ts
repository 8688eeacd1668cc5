import { monitorChart, type MonitorValue } from '../../../charts/monitor.ts';
import type { MonitorRow } from '../../../contract/run-files.ts';
import { html, type Html } from '../html.ts';
import type { Words } from '../../words.ts';
import { figure, section, type Section } from './section.ts';

const values = ['embeddingStd', 'knnAccuracy', 'loss'] as const satisfies readonly MonitorValue[];

/** How spread, neighbours and loss went over the passes, of each seed. */
export const adaptationSection: Section = ({ results: { monitor } }, words) => {
  const seeds = monitor.filter((rows) => rows.length > 1);
  if (seeds.length === 0) return null;
  return section(
    words.t('report.heading.adaptation'),
    seeds.map(
      (rows, at) =>
        html`<div class="whole">
          ${seeds.length > 1 ? html`<h3>${words.t('report.adaptation.seed', { n: at + 1 })}</h3>` : null}
          ${values.map((value) => curve(rows, value, words))}
        </div>`,
    ),
  );
};

function curve(rows: readonly MonitorRow[], value: (typeof values)[number], { t, n }: Words): Html | null {
  const known = rows.flatMap((row) => row[value] ?? []);
  const [first, last] = [known[0], known.at(-1)];
  if (first === undefined || last === undefined) return null;
  const format = (at: number): string => (value === 'knnAccuracy' ? n(100 * at, 'integer') : n(at, 'two'));
  const title = t(`adapt.monitor.${value}`);
  const chart = monitorChart(rows, value, {
    pass: t('adapt.monitor.pass'),
    value: title,
    start: t('adapt.monitor.start'),
    format,
  });
  const says = t(`adapt.monitor.says.${value}`, { from: format(first), to: format(last) });
  return figure(chart, `${title}: ${says}`, 200, 110);
}
