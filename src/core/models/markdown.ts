/** What no text of a user's may do to a reader: lines of its own, and signs that turn the direction of writing. */
const unprintable = /[\p{Cc}\u2028\u2029\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]+/gu;

/**
 * A text of a user's as plain text in Markdown, in a cell of a table too: no markup, no HTML, no link.
 * Every sign that could begin any of them is escaped (CommonMark 0.31, section 2.4).
 */
export const plainText = (text: string): string =>
  text
    .replaceAll(unprintable, ' ')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll(/[!"#$%()*+./:=?@[\\\]^_`{|}~]/g, '\\$&');

/** A table. The cells are Markdown. */
export const table = (rows: readonly (readonly string[])[]): string => {
  const [head = [], ...others] = rows;
  return [head, head.map(() => '---'), ...others].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
};
