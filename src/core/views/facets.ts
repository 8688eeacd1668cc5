import { isLabelledAt, labelAt, said } from '../labels/visibility.ts';
import { byName, states } from './catalogue.ts';
import type { Choice, Facets } from './messages.ts';
import { calledClass, failures, isKnownCheck, kinds, type Facts } from './pass.ts';

/** What can be filtered by. Each count is under all filters but its own kind. */
export function facets(facts: Facts, choice: Choice): Facets {
  const { catalogue, columns, noted, sight, db } = facts;
  const predictions = facts.predictions();
  const fails = failures(facts, choice.filter, choice.ids);
  const codes = new Map<number, number>();
  const marks = new Map<number, number>();
  const called = new Map<number, number>();
  const groups = new Int32Array(catalogue.groupNames.length);
  const sums = { labelled: 0, unlabelled: 0, notes: 0, check: 0, unreadable: 0 };
  const raise = (map: Map<number, number>, key: number): void => void map.set(key, (map.get(key) ?? 0) + 1);

  const visit = (id: number): void => {
    const failed = fails[id] as number;
    const under = (kind: number): boolean => (failed & ~kind) === 0;
    // Most images fail two kinds under narrow filters: nothing counts them.
    if (failed !== 0 && (failed & (failed - 1)) !== 0) return;
    if (under(kinds.classes) || under(kinds.marks)) {
      const code = labelAt(columns, id);
      if (code >= said.firstClass && under(kinds.classes)) raise(codes, code - said.firstClass);
      else if (code !== said.nothing && code < said.firstClass && under(kinds.marks)) raise(marks, code);
    }
    if (under(kinds.labelled)) sums[isLabelledAt(columns, id) ? 'labelled' : 'unlabelled']++;
    if (under(kinds.note) && noted.has(id)) sums.notes++;
    if (under(kinds.check) && isKnownCheck(catalogue, columns, id)) sums.check++;
    if (under(kinds.state) && catalogue.state[id] === states.unreadable) sums.unreadable++;
    if (under(kinds.groups)) groups[catalogue.group[id] as number]!++;
    if (predictions !== null && under(kinds.predicted)) {
      const name = calledClass(predictions, id);
      if (name !== null) raise(called, name);
    }
  };
  if (choice.ids) for (const id of choice.ids) visit(id);
  else for (let id = 1; id <= catalogue.last; id++) if (catalogue.state[id] !== states.none) visit(id);

  const pairs = (map: Map<number, number>): { id: number; count: number }[] =>
    [...map].map(([id, count]) => ({ id, count })).sort((a, b) => a.id - b.id);
  return {
    ...sums,
    classes: pairs(codes),
    marks: {
      none: marks.get(said.none) ?? 0,
      unsure: marks.get(said.unsure) ?? 0,
      skip: marks.get(said.skip) ?? 0,
    },
    groups: sight.blind
      ? []
      : [...groups].flatMap((count, place) =>
          count > 0 && place > 0 ? [{ name: catalogue.groupNames[place] as string, count }] : [],
        ),
    reportBy: sight.blind
      ? []
      : (db.prepare(`SELECT DISTINCT column_name FROM report_group`).pluck().all() as string[]).sort(byName),
    predicted: pairs(called),
  };
}
