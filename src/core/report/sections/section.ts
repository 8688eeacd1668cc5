import type { Facts } from '../facts.ts';
import { html, type Html, type Part } from '../html.ts';
import type { Words } from '../words.ts';

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
