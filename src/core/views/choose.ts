import { isLabelledAt, type SightFacts } from '../labels/visibility.ts';
import type { Sort } from '../../contract/view.ts';
import { byName, eachNumber, idList, states } from './catalogue.ts';
import type { Choice, Chosen } from './messages.ts';
import { failures, type Facts } from './pass.ts';

/** Filters, sorts and groups. Everything in one pass over columns. */
export function choose(facts: Facts, choice: Choice, orders: (sort: Sort | 'shuffled') => Int32Array | null): Chosen {
  const { catalogue, columns, sight } = facts;
  const fails = failures(facts, choice.filter, choice.ids);
  const order = choice.ids ?? choice.order ?? orders(sight.blind ? 'shuffled' : choice.sort);
  const found = new Int32Array(order ? order.length : catalogue.last);
  let count = 0;
  let labelled = 0;
  const take = (id: number): void => {
    if (fails[id] !== 0) return;
    found[count++] = id;
    if (isLabelledAt(columns, id)) labelled++;
  };
  if (order) {
    for (const id of order) if (choice.ids || (id <= catalogue.last && catalogue.state[id] !== states.none)) take(id);
  } else {
    for (let id = 1; id <= catalogue.last; id++) if (catalogue.state[id] !== states.none) take(id);
  }
  const ids = new Int32Array(new SharedArrayBuffer(count * 4));
  const grouping = sight.blind || choice.groupBy === null ? null : groupsOf(facts, choice.groupBy);
  if (!grouping) {
    ids.set(found.subarray(0, count));
    return { ids, labelled, starts: new Int32Array(0), names: [] };
  }
  return { labelled, ...grouped(found.subarray(0, count), ids, grouping) };
}

interface Grouping {
  /** Place of an image's group in `names`; 0 is none. */
  readonly place: Int32Array;
  readonly names: readonly string[];
}

function groupsOf({ db, catalogue }: Facts, groupBy: string): Grouping {
  if (groupBy === 'group') return { place: catalogue.group, names: catalogue.groupNames };
  const place = new Int32Array(catalogue.last + 1);
  const rows = db
    .prepare<[string], { value: string; images: string }>(
      `SELECT value, group_concat(image) AS images FROM report_group WHERE column_name = ? GROUP BY value`,
    )
    .all(groupBy)
    .sort((a, b) => byName(a.value, b.value));
  rows.forEach(({ images }, i) =>
    eachNumber(images, (id) => {
      if (id <= catalogue.last) place[id] = i + 1;
    }),
  );
  return { place, names: ['', ...rows.map(({ value }) => value)] };
}

/** A counting sort: groups by name, those without one last, each in the order of the list. */
function grouped(
  found: Int32Array,
  ids: Int32Array<SharedArrayBuffer>,
  { place, names }: Grouping,
): Pick<Chosen, 'ids' | 'starts' | 'names'> {
  const sizes = new Int32Array(names.length);
  for (const id of found) {
    const at = place[id] ?? 0;
    sizes[at] = (sizes[at] as number) + 1;
  }
  const next = new Int32Array(names.length);
  const starts: number[] = [];
  const shown: string[] = [];
  let at = 0;
  for (let step = 1; step <= names.length; step++) {
    const group = step === names.length ? 0 : step;
    const size = sizes[group] as number;
    if (size === 0) continue;
    starts.push(at);
    shown.push(names[group] as string);
    next[group] = at;
    at += size;
  }
  for (const id of found) {
    const group = place[id] ?? 0;
    ids[(next[group] as number)++] = id;
  }
  return { ids, starts: Int32Array.from(starts), names: shown };
}

/** Neighbours in a folder often have one class: a blind rater sees the library in an order that says nothing. */
export function shuffledOrder({ catalogue: { last, state } }: Facts): Int32Array {
  const keys = new Float64Array(last);
  let count = 0;
  for (let id = 1; id <= last; id++) {
    // The upper bits scatter, the lower ones carry the id.
    if (state[id] !== states.none) keys[count++] = (Math.imul(id, 0x9e3779b1) >>> 11) * 2 ** 31 + id;
  }
  return Int32Array.from(keys.subarray(0, count).sort(), (key) => key % 2 ** 31);
}

/** The newest first. SQLite holds this order in an index. */
export const dateOrder = ({ db }: Pick<Facts, 'db'>): Int32Array =>
  idList(db, `SELECT id FROM image WHERE role = 'main' AND batch = 0 ORDER BY modified DESC, id DESC`);

/** Above this many names the order by bytes, which SQLite holds in an index, has to do: 2 comes after 10. */
const mostNatural = 200_000;

/** Names as people order them: 2 before 10, whatever the case. */
export function nameOrder({ db }: Pick<Facts, 'db'>): Int32Array {
  const byBytes = idList(db, `SELECT id FROM image WHERE role = 'main' AND batch = 0 ORDER BY file, page`);
  if (byBytes.length > mostNatural) return byBytes;
  const names = db
    .prepare(`SELECT file FROM image WHERE role = 'main' AND batch = 0 ORDER BY file, page`)
    .pluck()
    .all() as string[];
  const keys = names.map((file) => file.toLowerCase().replaceAll(/\d+/g, (digits) => digits.padStart(12, '0')));
  const places = Array.from(names.keys()).sort((a, b) => {
    const [x, y] = [keys[a] as string, keys[b] as string];
    return x < y ? -1 : x > y ? 1 : a - b;
  });
  return Int32Array.from(places, (place) => byBytes[place] as number);
}

/** Least sure first; images that no model named come last. Null is the plain order. */
export function uncertainOrder({ catalogue: { last, state }, predictions }: Facts): Int32Array | null {
  const known = predictions();
  return known === null ? null : byProbability(last, known.probability, (id) => state[id] !== states.none);
}

/** A counting sort over millionths; what has none comes last. */
export function byProbability(last: number, millionths: Int32Array, isIn: (id: number) => boolean): Int32Array {
  const unnamed = 1_000_001;
  const placeOf = (id: number): number => {
    const value = millionths[id] ?? -1;
    return value < 0 ? unnamed : value;
  };
  const next = new Int32Array(unnamed + 2);
  let count = 0;
  for (let id = 1; id <= last; id++) {
    if (!isIn(id)) continue;
    next[placeOf(id) + 1]!++;
    count++;
  }
  for (let place = 1; place < next.length; place++) next[place]! += next[place - 1]!;
  const order = new Int32Array(count);
  for (let id = 1; id <= last; id++) if (isIn(id)) order[next[placeOf(id)]!++] = id;
  return order;
}

interface Counting {
  readonly sight: SightFacts;
  readonly ids: Int32Array;
  readonly ranges: readonly (readonly [number, number])[];
}
export function countLabelled({ columns }: Pick<Facts, 'columns'>, { ids, ranges }: Counting): Int32Array {
  return Int32Array.from(ranges, ([from, to]) => {
    let labelled = 0;
    for (let i = from; i < Math.min(to, ids.length); i++) if (isLabelledAt(columns, ids[i] as number)) labelled++;
    return labelled;
  });
}
