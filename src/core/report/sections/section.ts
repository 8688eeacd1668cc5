import { svgOf } from '../../../charts/engine.ts';
import type { Chart } from '../../../charts/types.ts';
import type { Facts } from '../facts.ts';
import { Html, html, type Part } from '../html.ts';
import { onPaper } from '../paper.ts';
import type { Words } from '../../words.ts';

/** A part of the report; null where there is nothing to tell. */
export type Section = (facts: Facts, words: Words) => Html | null;

export const section = (title: string, ...content: readonly Part[]): Html =>
  html`<section>
    <h2>${title}</h2>
    ${content}
  </section>`;

/** Names with what there is of each. */
export const factTable = (rows: readonly (readonly [name: Part, value: Part])[]): Html =>
  html`<table class="facts">
    <tbody>
      ${rows.map(
        ([name, value]) =>
          html`<tr>
            <th scope="row">${name}</th>
            <td>${value}</td>
          </tr>`,
      )}
    </tbody>
  </table>`;

/** A chart in black and white: drawn from numbers and words of the catalogue alone, so it is HTML as it comes. */
export const figure = (chart: Chart, caption: Part, width = 300, height = 210): Html =>
  html`<figure>
    ${new Html(svgOf(chart.option(onPaper), width, height))}
    <figcaption>${caption}</figcaption>
  </figure>`;

/** A chart with its numbers beside it. */
export const drawn = (chart: Chart, caption: string): Html =>
  html`<div class="drawn">
    ${figure(chart, caption)}
    <table aria-label="${caption}">
      <thead>
        <tr>
          ${chart.columns.map((column) => html`<th scope="col">${column}</th>`)}
        </tr>
      </thead>
      <tbody>
        ${chart.rows.map(
          (row) =>
            html`<tr>
              ${row.map((cell) => html`<td>${cell}</td>`)}
            </tr>`,
        )}
      </tbody>
    </table>
  </div>`;
