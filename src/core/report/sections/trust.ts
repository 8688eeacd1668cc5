import { coverageChart, reliabilityChart } from '../../../charts/trust.ts';
import type { ArmName } from '../../../contract/run-files.ts';
import {
  correctedSentence,
  drawsSentence,
  fitText,
  namedBin,
  riskSentence,
  trustChartWords,
} from '../../../findings/trust.ts';
import { tellingBin } from '../../../statistics/reliability.ts';
import type { TrustView, Version } from '../../results/trust.ts';
import { html, type Html } from '../html.ts';
import type { Words } from '../../words.ts';
import { usedFirst } from './classes.ts';
import { drawn, section, type Section } from './section.ts';

const measures = ['ece', 'logLoss', 'brier'] as const;
const versions: readonly Version[] = ['before', 'after'];

/** Whether the percentages of both models can be trusted, as they are said and corrected. */
export const trustSection: Section = (facts, words) =>
  section(
    words.t('results.tabs.trust'),
    usedFirst(facts).map((arm) => ofArm(facts.trust[arm], arm, words)),
    html`<p class="quiet">${words.t('trust.range')}</p>`,
  );

function ofArm(view: TrustView, arm: ArmName, words: Words): Html {
  const { t } = words;
  const { fit } = view;
  const fitted = words.say(correctedSentence(fit, words.numbers, (value) => words.n(value, 'two')));
  const ofDraws = drawsSentence(view, words.numbers);
  return html`<h3>${t(`results.arm.${arm}`)}</h3>
    <p>${fitted}</p>
    ${ofDraws && html`<p>${words.say(ofDraws)}</p>`} ${fit ? fitTable(fit, words) : null}
    ${versions.map((version) => ofVersion(view, version, words))}`;
}

function fitTable(fit: NonNullable<TrustView['fit']>, { t, n }: Words): Html {
  const value = (version: Version, measure: (typeof measures)[number]): string =>
    fitText(fit[version]?.[measure], (each) => n(each, 'two'));
  return html`<table>
    <caption>
      ${t('trust.fit.caption')}
    </caption>
    <thead>
      <tr>
        <th scope="col" class="text">${t('trust.fit.measure')}</th>
        ${versions.map((version) => html`<th scope="col">${t(`trust.version.${version}`)}</th>`)}
      </tr>
    </thead>
    <tbody>
      ${measures.map(
        (measure) =>
          html`<tr>
            <th scope="row">${t(`trust.fit.${measure}`)} <small>${t(`trust.fit.gloss.${measure}`)}</small></th>
            ${versions.map((version) => html`<td>${value(version, measure)}</td>`)}
          </tr>`,
      )}
    </tbody>
  </table>`;
}

function ofVersion(view: TrustView, version: Version, words: Words): Html | null {
  const { t, n, numbers } = words;
  const { [version]: bins } = view.bins;
  const { [version]: risk } = view.risk;
  if (!bins || !risk) return null;
  const percent = (share: number): string => n(share, 'percent');
  const telling = tellingBin(bins);
  const says = telling && t('trust.says', namedBin(telling, numbers, percent), telling.images);
  const spoken = trustChartWords(t, numbers, percent);
  const surer = riskSentence(risk, numbers, percent);
  const reliability = reliabilityChart(bins, spoken.reliability, { counted: false });
  const coverage = coverageChart(risk, spoken.coverage);
  return html`<div class="whole">
    <p>${t('trust.version.label')} ${t(`trust.version.${version}`)}. ${says ?? ''} ${surer && words.say(surer)}</p>
    ${drawn(reliability, t('trust.reliability.caption'))} ${drawn(coverage, t('trust.risk.caption'))}
  </div>`;
}
