import type { ArmName } from '../../../contract/run-files.ts';
import { confusedCells, heatOf, shareOfRow } from '../../../findings/classes.ts';
import { classCodes } from '../../projects/codes.ts';
import type { Facts } from '../facts.ts';
import { html, name, type Html } from '../html.ts';
import type { Words } from '../../words.ts';
import { usedFirst } from './classes.ts';
import { section, type Section } from './section.ts';

/** Whole images per cell and their share of the row, of both models. */
export const confusionsSection: Section = (facts, words) =>
  section(
    words.t('results.tabs.confusions'),
    usedFirst(facts).map((arm) => matrix(facts, words, arm)),
  );

/** Greys that print: none, and three that black text is read on. */
const shades = 3;

function matrix({ results: { classes }, counts, weights }: Facts, { t, n, numbers }: Words, arm: ArmName): Html {
  const codes = classCodes(classes);
  const table = counts[arm];
  const most = Math.max(1, ...confusedCells(table).map(({ images }) => images));
  const cell = (truth: number, called: number): Html => {
    const images = table[truth]?.[called] ?? 0;
    const shade = truth === called ? 'right' : images === 0 ? 'none' : `h${Math.ceil(heatOf(images, most) * shades)}`;
    if (images === 0) return html`<td class="${shade}">·</td>`;
    const share = n(shareOfRow(table, weights[arm], truth, called), 'percent');
    return html`<td class="${shade}">${numbers.integer(images)}<small>${share}</small></td>`;
  };
  const all = (truth: number): number => (table[truth] ?? []).reduce((sum, images) => sum + images, 0);
  return html`<table class="matrix">
    <caption>
      ${t('report.confusions.caption', { arm: t(`results.arm.${arm}`) })}
    </caption>
    <thead>
      <tr>
        <td>${t('results.confusions.corner')}</td>
        ${codes.map((code) => html`<th scope="col">${code}</th>`)}
        <th scope="col">${t('results.confusions.all')}</th>
      </tr>
    </thead>
    <tbody>
      ${classes.map(
        (title, truth) =>
          html`<tr>
            <th scope="row">${name(title)} ${codes[truth] ?? ''}</th>
            ${classes.map((_, called) => cell(truth, called))}
            <td class="sum">${numbers.integer(all(truth))}</td>
          </tr>`,
      )}
    </tbody>
  </table>`;
}
