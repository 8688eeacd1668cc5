import type { ArmName } from '../../../contract/run-files.ts';
import { classRows, partSentence, type ClassRow } from '../../../findings/classes.ts';
import { rangeText } from '../../../findings/summary.ts';
import { classCodes } from '../../projects/codes.ts';
import type { Facts } from '../facts.ts';
import { html, name, type Html } from '../html.ts';
import { rangeSvg } from '../svg.ts';
import type { Words } from '../../words.ts';
import { section, type Section } from './section.ts';

const parts = ['found', 'right'] as const;
const scores = ['balance', 'ranking'] as const;

/** What each class is worth, of both models; the one that is used comes first. */
export const classesSection: Section = (facts, words) =>
  section(
    words.t('results.tabs.classes'),
    usedFirst(facts).map((arm) => classTable(facts, words, arm)),
    html`<p class="quiet">${words.t('report.classes.range')}</p>`,
  );

export const usedFirst = ({ context: { chosen } }: Facts): readonly ArmName[] =>
  chosen === 'adapted' ? ['adapted', 'plain'] : ['plain', 'adapted'];

function classTable({ results, counts, weights }: Facts, words: Words, arm: ArmName): Html {
  const { t, numbers } = words;
  const codes = classCodes(results.classes);
  return html`<table class="classes">
    <caption>
      ${t('results.classes.caption', { arm: t(`results.arm.${arm}`) })}
    </caption>
    <thead>
      <tr>
        <th scope="col" class="text">${t('results.classes.class')}</th>
        <th scope="col">${t('results.classes.labels')}</th>
        <th scope="col">${t('report.classes.checkImages')}</th>
        ${parts.map(
          (part) =>
            html`<th scope="colgroup" colspan="2" class="text">
              ${t(`results.classes.${part}`)} <small>${t(`results.classes.gloss.${part}`)}</small>
            </th>`,
        )}${scores.map(
          (score) =>
            html`<th scope="col">
              ${t(`results.classes.${score}`)} <small>${t(`results.classes.gloss.${score}`)}</small>
            </th>`,
        )}
      </tr>
    </thead>
    <tbody>
      ${classRows(counts[arm], results.arms[arm].perClass, weights[arm]).map(
        (row) =>
          html`<tr>
            <th scope="row">${codes[row.index] ?? ''} ${name(row.name)}</th>
            <td>${numbers.integer(row.labels)}</td>
            <td>${numbers.integer(row.checkImages)}</td>
            ${
              row.unmeasured
                ? html`<td colspan="6" class="text">
                    ${t('results.classes.unmeasured', { n: numbers.integer(row.checkImages) }, row.checkImages)}
                  </td>`
                : [parts.map((part) => partCells(row, part, weights[arm] !== null, words)), scoreCells(row, words)]
            }
          </tr>`,
      )}
    </tbody>
  </table>`;
}

function partCells(row: ClassRow, part: 'found' | 'right', weighted: boolean, { t, say, numbers }: Words): Html {
  const { range } = row[part];
  if (range === null) return html`<td colspan="2" class="text">${t('results.classes.never')}</td>`;
  return html`<td>${rangeSvg({ ...range, scale: [0, 1] })}</td>
    <td class="text">
      ${say(partSentence(row[part], weighted, numbers))} <span class="nowrap">(${rangeText(range.ci, numbers)})</span>
    </td>`;
}

const scoreCells = (row: ClassRow, { n }: Words): readonly Html[] =>
  scores.map((score) => {
    const value = row[score];
    return html`<td>${value === null ? '–' : n(value, 'two')}</td>`;
  });
