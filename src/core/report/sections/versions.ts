import { html } from '../html.ts';
import { factTable, section, type Section } from './section.ts';

export const versionsSection: Section = ({ versions, madeWith }, { t }) =>
  section(
    t('report.heading.versions'),
    factTable([
      [t('report.versions.runMade'), madeWith ?? t('report.versions.unknown')],
      ...Object.entries(versions).map(([what, version]) => [what, html`<code>${version}</code>`] as const),
    ]),
  );
