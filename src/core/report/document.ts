import type { Facts } from './facts.ts';
import { Html, html, name } from './html.ts';
import { adaptationSection } from './sections/adaptation.ts';
import { afterSection } from './sections/after.ts';
import { classesSection } from './sections/classes.ts';
import { confusionsSection } from './sections/confusions.ts';
import { examplesSection } from './sections/examples.ts';
import { groupsSection } from './sections/groups.ts';
import { leftOutSection } from './sections/left-out.ts';
import { measuredSection } from './sections/measured.ts';
import { moreLabelsSection } from './sections/more-labels.ts';
import type { Section } from './sections/section.ts';
import { settingsSection } from './sections/settings.ts';
import { summarySection } from './sections/summary.ts';
import { trustSection } from './sections/trust.ts';
import { versionsSection } from './sections/versions.ts';
import { style } from './style.ts';
import type { Words } from '../words.ts';

/** The report's parts in their order. */
const sections: readonly Section[] = [
  summarySection,
  classesSection,
  confusionsSection,
  groupsSection,
  trustSection,
  moreLabelsSection,
  measuredSection,
  adaptationSection,
  leftOutSection,
  afterSection,
  settingsSection,
  versionsSection,
  examplesSection,
];

/** Nothing runs and nothing is fetched, wherever the file is opened. */
const policy = `default-src 'none'; style-src 'unsafe-inline'; img-src data:`;

/** The report as one HTML file. */
export function document(facts: Facts, words: Words): string {
  const { t, d, numbers } = words;
  const { run, stamp, context } = facts;
  const title = t('report.title', { project: facts.project });
  const version = facts.versions['acclimate'] ?? '';
  return html`<!DOCTYPE html>
    <html lang="${words.locale}">
      <head>
        <meta charset="utf-8" />
        <meta http-equiv="Content-Security-Policy" content="${policy}" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="generator" content="Acclimate ${version}" />
        <meta name="acclimate-audit" content="${stamp.entries} ${stamp.head}" />
        <title>${title}</title>
        <style>
          ${new Html(style)}
        </style>
      </head>
      <body>
        <header>
          <h1>${title}</h1>
          <p class="quiet">
            ${t('report.run', { run: run.id, date: d(run.finishedAt ?? run.createdAt) })}.
            ${t('report.made', { date: d(facts.now), version })}. ${context.shipped ? t('report.shipped') : null}
          </p>
          <p class="research">${t('home.research')}</p>
        </header>
        <main>${sections.map((each) => each(facts, words))}</main>
        <footer>
          <p>
            ${t('report.audit.stamp', { n: numbers.integer(stamp.entries) }, stamp.entries)} <code>${stamp.head}</code>.
            ${t('report.audit.how')}
            <code>acclimate audit verify ${name('<project>')} --stamp ${name('<report>')}</code>.
          </p>
        </footer>
      </body>
    </html>`.text;
}
