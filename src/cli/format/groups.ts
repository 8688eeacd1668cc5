import type { CoreCalls } from '../../contract/core-calls.ts';
import type { OutputOf } from '../../rpc/types.ts';
import { percent, signedRange, wholePercent } from './numbers.ts';

type Groups = OutputOf<CoreCalls, 'results.groups'>;

/** Where it goes wrong most: the worst group, scanner or site, and what hangs on a single one. */
export function groupsText({ tables, held, carried }: Groups): string[] {
  const worst = tables.flatMap(({ column, rows }) => {
    const [row] = rows;
    if (!row || rows.length < 2) return [];
    const { value, hits, images, ci } = row;
    return [
      `Worst ${column ?? 'group'}: ${value}, ${hits} of ${images} named correctly (${wholePercent(ci[0])}–${wholePercent(ci[1])} of 100).`,
    ];
  });
  const unseen = held.map(({ column, rows }) => {
    const row = rows.toSorted((a, b) => a.difference.mean - b.difference.mean)[0]!;
    const change = signedRange(row.difference.mean, row.difference.ci, percent);
    return `Trained without ${column} ${row.value}, ${row.without} of its ${row.labels} training labels are named correctly, instead of ${row.with}: ${change} of 100.`;
  });
  const hung = carried.map(({ class: name, column, value }) =>
    column === null
      ? `Every label of ${name} comes from one group (${value}): nobody can tell whether it would be recognised in another.`
      : `Every label of ${name} comes from one ${column} (${value}): it may be learning the ${column}.`,
  );
  return [...worst, ...unseen, ...hung];
}
