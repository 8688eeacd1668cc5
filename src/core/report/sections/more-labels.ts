import { learningCurveChart } from '../../../charts/learning-curve.ts';
import type { Curve, Results } from '../../../contract/results.ts';
import { curveHint, curveWords, moreLabels } from '../../../findings/more-labels.ts';
import { html, type Html } from '../html.ts';
import type { Words } from '../../words.ts';
import { usedFirst } from './classes.ts';
import { drawn, section, type Section } from './section.ts';

/** What more labels would buy either model, and what that is guessed from. */
export const moreLabelsSection: Section = (facts, words) => {
  const { t } = words;
  const { curve, protocol } = facts.results;
  return section(
    t('more.title'),
    curve === undefined
      ? html`<p>${t('more.old')}</p>`
      : usedFirst(facts).map(
          (arm) =>
            html`<div class="whole">
              <h3>${t(`results.arm.${arm}`)}</h3>
              ${ofArm(curve[arm], protocol, words)}
            </div>`,
        ),
    curve?.plain || curve?.adapted ? html`<p class="quiet">${t('more.probe')}</p>` : null,
  );
};

function ofArm(curve: Curve | null, protocol: Results['protocol'], { t, say, n, numbers }: Words): Html {
  if (!curve) return html`<p>${t('more.none')}</p>`;
  const percent = (share: number): string => n(share, 'percent');
  const chart = learningCurveChart(curve.points, curve.outlook, curveWords(t, numbers, percent));
  return html`<p>${say(moreLabels(curve, numbers))}</p>
    ${drawn(chart, t('more.gloss'))}
    <p class="quiet">${say(curveHint(curve, protocol, numbers))}</p>`;
}
