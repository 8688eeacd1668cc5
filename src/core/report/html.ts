/** A piece of HTML that is safe to put into a page: made by `html`, never from text of outside. */
export class Html {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

export type Part = Html | string | number | null | readonly Part[];

const signs: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };

/** Text as it can stand in an element or in a quoted attribute: no sign of HTML, nothing that no page may hold. */
const escaped = (text: string): string =>
  text
    .toWellFormed()
    .replaceAll(/\p{Cc}/gu, (sign) => (sign === '\n' || sign === '\t' ? sign : '\uFFFD'))
    .replaceAll(/[&<>"']/g, (sign) => signs[sign]!);

function textOf(part: Part): string {
  if (part === null) return '';
  if (part instanceof Html) return part.text;
  if (typeof part === 'string' || typeof part === 'number') return escaped(String(part));
  return part.map(textOf).join('');
}

/** A template whose every value is escaped, unless it is HTML itself. */
export const html = (strings: TemplateStringsArray, ...values: readonly Part[]): Html =>
  new Html(strings.reduce((text, string, at) => text + textOf(values[at - 1] ?? null) + string));

/** A name somebody gave: it may be of a script that runs the other way, and does not turn what stands beside it. */
export const name = (text: string): Html => html`<bdi>${text}</bdi>`;
