import type { ArmName, HeldColumns } from '../../../contract/run-files.ts';
import { differenceText, rangeText } from '../../../findings/summary.ts';
import type { GroupsView, GroupTable } from '../../results/groups.ts';
import { html, name, type Html } from '../html.ts';
import { rangeSvg } from '../svg.ts';
import type { Words } from '../../words.ts';
import { usedFirst } from './classes.ts';
import { section, type Section } from './section.ts';

/** A report is no archive: of more groups the worst are told. */
const mostRows = 50;

/** How a group is called here. */
type Called = (column: string | null, value: string) => string;

/** Which patient, slide or scanner goes wrong, by both models, and which class hangs on one of them. */
export const groupsSection: Section = (facts, words) => {
  const { t } = words;
  const arms = usedFirst(facts);
  const [used, other] = arms.map((arm) => facts.byGroup[arm]) as [GroupsView, GroupsView];
  const { tables, carried } = used;
  if (tables.length === 0 && carried.length === 0 && used.held.length === 0) return null;
  const isNamed = facts.pictures !== null;
  const called: Called = isNamed ? (_, value) => value : numbered(used, words);
  return section(
    t('report.heading.groups'),
    isNamed ? null : html`<p class="quiet">${t('report.groups.numbered')}</p>`,
    carried.map(({ class: of, column, value }) => {
      const named = { class: of, value: called(column, value) };
      return html`<p>
        ${column === null ? t('groups.carriedApart', named) : t('groups.carriedBy', { ...named, column })}
      </p>`;
    }),
    tables.map((table) => {
      const theirs = other.tables.find(({ column }) => column === table.column);
      return groupTable([table, theirs ?? table], arms, called, words);
    }),
    arms.map((arm) => facts.byGroup[arm].held.map((of) => heldTable(of, arm, called, words))),
    used.held.length > 0 ? html`<p class="quiet">${t('groups.held.hint')}</p>` : null,
  );
};

/**
 * Numbers in place of names, which may tell who a patient is: of each column in the order in which the used model goes
 * wrong, so that not even the order of the names is told.
 */
function numbered({ tables, held, carried }: GroupsView, { t, numbers }: Words): Called {
  const known = new Map<string | null, Map<string, number>>();
  const numberOf = (column: string | null, value: string): number => {
    const ofColumn = known.get(column) ?? new Map<string, number>();
    known.set(column, ofColumn);
    if (!ofColumn.has(value)) ofColumn.set(value, ofColumn.size + 1);
    return ofColumn.get(value)!;
  };
  for (const { column, rows } of tables) for (const { value } of rows) numberOf(column, value);
  for (const { column, rows } of held) {
    for (const { value } of rows.toSorted((a, b) => a.difference.mean - b.difference.mean)) numberOf(column, value);
  }
  for (const { column, value } of carried) numberOf(column, value);
  return (column, value) => t('report.groups.number', { n: numbers.integer(numberOf(column, value)) });
}

function groupTable(
  [table, theirs]: readonly [GroupTable, GroupTable],
  arms: readonly ArmName[],
  called: Called,
  { t, numbers }: Words,
): Html {
  const { column } = table;
  const others = new Map(theirs.rows.map((row) => [row.value, row]));
  const left = Math.max(0, table.rows.length - mostRows);
  const cells = ({ hits, images, mean, ci }: GroupTable['rows'][number]): Html => {
    const of = t('groups.of', { hits: numbers.integer(hits), of: numbers.integer(images) });
    return html`<td>${rangeSvg({ mean, ci, scale: [0, 1] })}</td>
      <td class="text">${of} <span class="nowrap">(${rangeText(ci, numbers)})</span></td>`;
  };
  return html`<table class="classes">
      <caption>
        ${column === null ? t('groups.apart') : t('groups.by', { column })}: ${t('report.groups.caption')}
      </caption>
      <thead>
        <tr>
          <th scope="col" class="text">${t('groups.value')}</th>
          ${arms.map((arm) => html`<th scope="colgroup" colspan="2" class="text">${t(`results.arm.${arm}`)}</th>`)}
        </tr>
      </thead>
      <tbody>
        ${table.rows.slice(0, mostRows).map(
          (row) =>
            html`<tr>
              <th scope="row">${name(called(column, row.value))}</th>
              ${cells(row)}${cells(others.get(row.value) ?? row)}
            </tr>`,
        )}
      </tbody>
    </table>
    ${left > 0 ? html`<p class="quiet">${t('report.groups.more', { n: numbers.integer(left) }, left)}</p>` : null}`;
}

const heldTable = (
  { column, rows }: HeldColumns['columns'][number],
  arm: ArmName,
  called: Called,
  { t, numbers }: Words,
): Html => {
  const of = (hits: number, labels: number): string =>
    t('groups.of', { hits: numbers.integer(hits), of: numbers.integer(labels) });
  return html`<table>
    <caption>
      ${t('groups.held.caption', { column })} (${t(`results.arm.${arm}`)})
    </caption>
    <thead>
      <tr>
        <th scope="col" class="text">${name(column)}</th>
        <th scope="col">${t('groups.held.without')}</th>
        <th scope="col">${t('groups.held.with')}</th>
        <th scope="col">${t('groups.held.change')}</th>
      </tr>
    </thead>
    <tbody>
      ${rows.map(
        (row) =>
          html`<tr>
            <th scope="row">${name(called(column, row.value))}</th>
            <td>${of(row.without, row.labels)}</td>
            <td>${of(row.with, row.labels)}</td>
            <td>${differenceText(row.difference, numbers, t('results.to'))}</td>
          </tr>`,
      )}
    </tbody>
  </table>`;
};
