import type { ArmName } from '../../../contract/run-files.ts';
import { differenceScale } from '../../../findings/ranges.ts';
import { caveats, headline, measuredOn, rangeSentence } from '../../../findings/sentences.ts';
import {
  differenceText,
  rangeText,
  recommendedOf,
  scoreText,
  summaryOf,
  weakestOf,
} from '../../../findings/summary.ts';
import type { Facts } from '../facts.ts';
import { html, name, type Html } from '../html.ts';
import { rangeSvg } from '../svg.ts';
import type { Words } from '../../words.ts';
import { section, type Section } from './section.ts';

const arms: readonly ArmName[] = ['adapted', 'plain'];

/** Whether it helped: the sentence, the ranges it rests on, and what to know beside them. */
export const summarySection: Section = (facts, words) => {
  const { results, context } = facts;
  const { t, say, numbers } = words;
  const measured = measuredOn(results, numbers).map(say);
  const weak = weakestOf(results, facts.counts, facts.weights, context.chosen);
  return section(
    t('results.tabs.summary'),
    html`<p class="headline">${say(headline(results, context.chosenByHand, numbers))}</p>
      <p>${say(rangeSentence(results, numbers))}</p>`,
    scores(facts, words),
    difference(facts, words),
    html`<p>${t('results.measured.on')} ${measured.slice(0, 2).join(' ')} · ${measured.slice(2).join(' · ')}.</p>
      <ul>
        ${
          weak
            ? html`<li>
                ${t('results.weakest', {
                  class: weak.name,
                  hits: numbers.integer(weak.found.hits),
                  of: numbers.integer(weak.found.of),
                })}
                (${weak.found.range ? rangeText(weak.found.range.ci, numbers) : ''})
              </li>`
            : null
        }${caveats(results, context, numbers).map((note) => html`<li>${say(note)}</li>`)}
      </ul>`,
    both(facts, words),
  );
};

function scores({ results, context }: Facts, { t, numbers }: Words): Html {
  const { measure, byChance, scale } = summaryOf(results, context);
  const images = numbers.integer(results.protocol.checkImages);
  const marks = (arm: ArmName): string =>
    [
      ...(arm === context.chosen ? [t('report.summary.used')] : []),
      ...(arm === recommendedOf(results) ? [t('report.summary.recommended')] : []),
    ].join(', ');
  return html`<table>
    <caption>
      ${t('report.summary.scores', { measure: t(`results.measure.${measure}`) })}
    </caption>
    <thead>
      <tr>
        <th scope="col" class="text">${t('report.summary.model')}</th>
        <th scope="col" class="text">${t('report.summary.range')}</th>
        <th scope="col">${t('report.summary.score')}</th>
        <th scope="col">${t('report.summary.images')}</th>
      </tr>
    </thead>
    <tbody>
      ${arms.map((arm) => {
        const score = results.arms[arm][measure];
        return html`<tr>
          <th scope="row">${t(`results.arm.${arm}`)} <small>${marks(arm)}</small></th>
          <td>${rangeSvg({ ...score, scale })}</td>
          <td class="nowrap">
            <span class="value">${numbers.hundred(score.mean)}</span> (${rangeText(score.ci, numbers)})
          </td>
          <td>${images}</td>
        </tr>`;
      })}${
        byChance === null
          ? null
          : html`<tr>
              <th scope="row">
                ${t(measure === 'accuracy' ? 'results.commonestOnly' : 'results.byChance')}
                <small>${measure === 'accuracy' ? name(context.commonest.class) : null}</small>
              </th>
              <td>${rangeSvg({ mean: byChance, ci: [byChance, byChance], scale })}</td>
              <td>${numbers.hundred(byChance)}</td>
              <td>${images}</td>
            </tr>`
      }
    </tbody>
  </table>`;
}

function difference({ results, context }: Facts, { t, numbers }: Words): Html {
  const { difference: gain, wentUp } = summaryOf(results, context);
  const checks = gain.perDraw.length;
  const went = { up: numbers.integer(wentUp), all: numbers.integer(checks) };
  return html`<div class="whole">
    <h3>${t('results.difference.title')}</h3>
    ${rangeSvg({ ...gain, scale: differenceScale(gain.ci, gain.perDraw), ticks: gain.perDraw })}
    <p>
      <span class="value">${numbers.signed(gain.mean)}</span> (${numbers.signed(gain.ci[0])} ${t('results.to')}
      ${numbers.signed(gain.ci[1])}). ${t('results.difference.lines')} ${t('results.difference.wentUp', went, checks)}
      ${arms.map((arm) => ` ${t(`results.difference.only.${arm}`, { n: numbers.integer(context.onlyRight[arm]) }, context.onlyRight[arm])}.`)}
    </p>
  </div>`;
}

function both({ results, context }: Facts, { t, numbers }: Words): Html {
  const { measure, other } = summaryOf(results, context);
  return html`<table>
    <caption>
      ${t('results.both')}
    </caption>
    <thead>
      <tr>
        <th scope="col" class="text">${t('results.ofHundred')}</th>
        <th scope="col">${t('results.arm.plain')}</th>
        <th scope="col">${t('results.arm.adapted')}</th>
        <th scope="col">${t('results.difference.title')}</th>
      </tr>
    </thead>
    <tbody>
      ${[measure, other].map(
        (each) =>
          html`<tr>
            <th scope="row">${t(`results.measure.${each}`)}</th>
            <td>${scoreText(results.arms.plain[each], numbers)}</td>
            <td>${scoreText(results.arms.adapted[each], numbers)}</td>
            <td>${differenceText(results.difference[each], numbers, t('results.to'))}</td>
          </tr>`,
      )}
    </tbody>
  </table>`;
}
