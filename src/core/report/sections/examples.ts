import { html, name } from '../html.ts';
import { section, type Section } from './section.ts';

/** Pictures behind the confusions, where they were asked for. */
export const examplesSection: Section = ({ pictures, results: { classes } }, { t, numbers }) => {
  if (pictures === null) return null;
  const cells = Map.groupBy(pictures, ({ truth, called }) => `${truth} ${called}`);
  return section(
    t('report.heading.examples'),
    html`<p>${t(pictures.length === 0 ? 'report.examples.none' : 'report.examples.warn')}</p>`,
    [...cells.values()].map((of) => {
      const { truth, called } = of[0]!;
      const named = { truth: classes[truth] ?? '', called: classes[called] ?? '' };
      return html`<h3>${t(truth === called ? 'results.behind.right' : 'results.behind.cell', named)}</h3>
        <ul class="pictures">
          ${of.map(
            ({ address, file, probability }) =>
              html`<li>
                <img
                  src="${address}"
                  alt="${file}"
                />${name(file)}<br />${t('report.examples.of', { p: numbers.hundred(probability) })}
              </li>`,
          )}
        </ul>`;
    }),
  );
};
