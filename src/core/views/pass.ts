import type Database from 'better-sqlite3';
import { isLabelledAt, labelAt, said, type SaidColumns, type SightFacts } from '../labels/visibility.ts';
import type { Filter } from '../../contract/view.ts';
import { eachNumber, flags, states, type Catalogue, type Predictions } from './catalogue.ts';

/** Kinds of filters: an image passes when it fails none of them. */
export const kinds = {
  classes: 1,
  marks: 2,
  labelled: 4,
  predicted: 8,
  probability: 16,
  note: 32,
  check: 64,
  state: 128,
  changed: 256,
  groups: 512,
  raters: 1024,
  text: 2048,
  ids: 4096,
} as const;

export interface ModelClasses {
  readonly classIds: readonly (number | null)[];
}
export interface Facts {
  readonly db: Database.Database;
  readonly sight: SightFacts;
  readonly catalogue: Catalogue;
  readonly columns: SaidColumns;
  /** All raters' columns, for the filter by rater. */
  readonly raters: ReadonlyMap<string, Uint16Array>;
  /** Null before a model is applied, and in a blind session. Read when it is asked for: it is the largest column. */
  readonly predictions: () => (Predictions & ModelClasses) | null;
  /** Ids with a note that the rater may see. */
  readonly noted: ReadonlySet<number>;
}

/** In a blind session a filter must not tell what the tiles do not: only the rater's own words can be asked for. */
function allowedFilter(filter: Filter, { blind }: SightFacts): Filter {
  if (!blind) return filter;
  const { classes, marks, labelled, note, unreadable, ids } = filter;
  return Object.fromEntries(
    Object.entries({ classes, marks, labelled, note, unreadable, ids }).filter(([, value]) => value !== undefined),
  );
}

/** Whether an image is known to the rater as a check image: only once they have labelled it. */
export const isKnownCheck = (catalogue: Catalogue, columns: SaidColumns, id: number): boolean =>
  ((catalogue.flags[id] as number) & flags.check) !== 0 && (columns.own?.[id] ?? said.nothing) !== said.nothing;

/**
 * Which kinds of filters each image fails, as bits.
 * @param visit gets the id, and the bits
 */
export function failures(facts: Facts, asked: Filter, ids: Int32Array | null): Uint16Array {
  const { catalogue, columns, noted } = facts;
  const filter = allowedFilter(asked, facts.sight);
  const { last } = catalogue;
  const fails = new Uint16Array(last + 1);
  const each = (visit: (id: number) => void): void => {
    if (ids) for (const id of ids) visit(id);
    else for (let id = 1; id <= last; id++) if (catalogue.state[id] !== states.none) visit(id);
  };
  const fail = (kind: number, test: (id: number) => boolean): void =>
    each((id) => {
      if (!test(id)) fails[id] = (fails[id] as number) | kind;
    });

  // A source of its own order says itself which images it means.
  if (ids === null || filter.unreadable !== undefined) {
    if (filter.unreadable === true) fail(kinds.state, (id) => catalogue.state[id] === states.unreadable);
    else fail(kinds.state, (id) => catalogue.state[id] !== states.unreadable);
  }
  if (filter.classes?.length) {
    const wanted = new Set(filter.classes.map((id) => said.firstClass + id));
    fail(kinds.classes, (id) => wanted.has(labelAt(columns, id)));
  }
  if (filter.marks?.length) {
    const wanted = new Set<number>(filter.marks.map((mark) => said[mark]));
    fail(kinds.marks, (id) => wanted.has(labelAt(columns, id)));
  }
  if (filter.labelled !== undefined) fail(kinds.labelled, (id) => isLabelledAt(columns, id) === filter.labelled);
  if (filter.predicted?.length) {
    const wanted = new Set(filter.predicted);
    const predictions = facts.predictions();
    fail(kinds.predicted, (id) => wanted.has(calledClass(predictions, id) ?? -1));
  }
  if (filter.probabilityBelow !== undefined) {
    const most = filter.probabilityBelow * 1e6;
    const predictions = facts.predictions();
    fail(kinds.probability, (id) => {
      const probability = predictions?.probability[id] ?? -1;
      return probability >= 0 && probability <= most;
    });
  }
  if (filter.note !== undefined) fail(kinds.note, (id) => noted.has(id) === filter.note);
  if (filter.check !== undefined) fail(kinds.check, (id) => isKnownCheck(catalogue, columns, id) === filter.check);
  if (filter.changed !== undefined) {
    fail(kinds.changed, (id) => (((catalogue.flags[id] as number) & flags.changed) !== 0) === filter.changed);
  }
  if (filter.groups?.length) {
    const names = new Set(filter.groups);
    const wanted = Uint8Array.from(catalogue.groupNames, (name) => (names.has(name) ? 1 : 0));
    fail(kinds.groups, (id) => wanted[catalogue.group[id] as number] === 1);
  }
  if (filter.raters?.length) {
    const wanted = filter.raters.flatMap((rater) => facts.raters.get(rater) ?? []);
    fail(kinds.raters, (id) => wanted.some((column) => (column[id] ?? 0) !== said.nothing));
  }
  if (filter.text) {
    const found = textMatches(facts, filter.text);
    fail(kinds.text, (id) => found[id] === 1);
  }
  if (filter.ids) {
    const wanted = new Set(filter.ids);
    fail(kinds.ids, (id) => wanted.has(id));
  }
  return fails;
}

export function calledClass(predictions: (Predictions & ModelClasses) | null, id: number): number | null {
  const called = predictions?.called[id] ?? 0;
  return called === 0 ? null : (predictions?.classIds[called - 1] ?? null);
}

function textMatches({ db, catalogue }: Facts, text: string): Uint8Array {
  const found = new Uint8Array(catalogue.last + 1);
  const like = likePattern(text);
  const list = db
    .prepare(
      `SELECT group_concat(id) FROM (
         SELECT id FROM image WHERE role = 'main' AND batch = 0 AND file LIKE @like ESCAPE '\\'
         UNION ALL SELECT image FROM note WHERE text LIKE @like ESCAPE '\\')`,
    )
    .pluck()
    .get({ like }) as string | null;
  eachNumber(list, (id) => {
    if (id <= catalogue.last) found[id] = 1;
  });
  return found;
}

export const likePattern = (text: string): string => `%${text.replaceAll(/[\\%_]/g, '\\$&')}%`;
