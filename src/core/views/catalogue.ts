import type Database from 'better-sqlite3';
import { said, saidCode } from '../labels/visibility.ts';

/** State of an image in a column; 0 where the id is of no image of the library. */
export const states = { none: 0, ok: 1, unreadable: 2, gone: 3 } as const;
export const flags = { check: 1, changed: 2 } as const;

/** The library in columns, addressed by image id: what a million rows are filtered, sorted and counted from. */
export interface Catalogue {
  /** Greatest image id. */
  readonly last: number;
  readonly state: Uint8Array;
  readonly flags: Uint8Array;
  /** Place of the image's group in `groupNames`; 0 is no group. */
  readonly group: Int32Array;
  /** In the order they are shown; the first stands for no group. */
  readonly groupNames: readonly string[];
}
export interface Said {
  readonly columns: ReadonlyMap<string, Uint16Array>;
}
export interface Predictions {
  /** Index into the model's classes + 1; 0 is none. */
  readonly called: Uint16Array;
  /** Millionths. */
  readonly probability: Int32Array;
}

/** Calls back with each number of a comma-separated list: a list of ids crosses from SQLite many times faster so. */
export function eachNumber(list: string | null, visit: (value: number) => void): void {
  if (list === null || list === '') return;
  let value = 0;
  for (let i = 0; i < list.length; i++) {
    const code = list.charCodeAt(i);
    if (code === 44) {
      visit(value);
      value = 0;
    } else value = value * 10 + (code - 48);
  }
  visit(value);
}

export function idList(db: Database.Database, sql: string, ...params: unknown[]): Int32Array {
  const list = db
    .prepare(`SELECT group_concat(id) FROM (${sql})`)
    .pluck()
    .get(...params) as string | null;
  return numbers(list);
}

export function numbers(list: string | null): Int32Array {
  if (list === null) return new Int32Array(0);
  // A number and its comma are two characters at least.
  const values = new Int32Array((list.length + 1) >> 1);
  let count = 0;
  eachNumber(list, (value) => (values[count++] = value));
  return values.slice(0, count);
}

const collator = new Intl.Collator('en', { numeric: true });
/** Names as people order them; ties by the bytes, so that the order is one. */
export const byName = (a: string, b: string): number => collator.compare(a, b) || (a < b ? -1 : a > b ? 1 : 0);

export function readCatalogue(db: Database.Database): Catalogue {
  const last = Number(db.prepare(`SELECT ifnull(max(id), 0) FROM image`).pluck().get());
  const catalogue = {
    last,
    state: new Uint8Array(last + 1),
    flags: new Uint8Array(last + 1),
    group: new Int32Array(last + 1),
  };
  const groups = db.prepare<[], { id: number; name: string }>(`SELECT id, name FROM image_group`).all();
  groups.sort((a, b) => byName(a.name, b.name));
  const placeOf = new Map(groups.map(({ id }, place) => [id, place + 1]));
  const rows = db
    .prepare<
      [],
      {
        state: 'ok' | 'unreadable' | 'gone';
        group: number | null;
        side: string | null;
        changed: string | null;
        ids: string;
      }
    >(
      `SELECT state, group_id AS "group", side, changed_at AS changed, group_concat(id) AS ids
       FROM image INDEXED BY image_catalogue WHERE role = 'main' AND batch = 0
       GROUP BY state, group_id, side, changed_at`,
    )
    .iterate();
  for (const { state, group, side, changed, ids } of rows) {
    const stateCode = states[state];
    const bits = (side === 'check' ? flags.check : 0) | (changed === null ? 0 : flags.changed);
    const place = group === null ? 0 : (placeOf.get(group) ?? 0);
    eachNumber(ids, (id) => {
      catalogue.state[id] = stateCode;
      catalogue.flags[id] = bits;
      catalogue.group[id] = place;
    });
  }
  return { ...catalogue, groupNames: ['', ...groups.map(({ name }) => name)] };
}

export function readSaid(db: Database.Database, last: number): Said {
  const now = new Map(
    db
      .prepare<[], { key: string; id: number | null }>(
        `SELECT own.key AS key, now.id AS id FROM class AS own
         LEFT JOIN class AS now ON now.id = own.counts_as AND now.removed = 0`,
      )
      .all()
      .map(({ key, id }) => [key, id]),
  );
  const columns = new Map<string, Uint16Array>();
  const rows = db
    .prepare<[], { rater: string; kind: string; class: string | null; images: string }>(
      `SELECT rater, kind, class, group_concat(image) AS images FROM label INDEXED BY label_said
       GROUP BY rater, kind, class`,
    )
    .iterate();
  for (const { rater, kind, class: key, images } of rows) {
    const code = saidCode(kind, key === null ? null : (now.get(key) ?? null));
    if (code === said.nothing) continue;
    let column = columns.get(rater);
    if (!column) columns.set(rater, (column = new Uint16Array(last + 1)));
    const into = column;
    eachNumber(images, (image) => {
      if (image <= last) into[image] = code;
    });
  }
  return { columns };
}

export function readPredictions(db: Database.Database, batch: number, last: number): Predictions {
  const called = new Uint16Array(last + 1);
  const probability = new Int32Array(last + 1).fill(-1);
  const rows = db
    .prepare<[number], { class: number; images: string; millionths: string }>(
      `SELECT class, group_concat(image) AS images,
         group_concat(CAST(round(probability * 1000000) AS INTEGER)) AS millionths
       FROM prediction WHERE batch = ? GROUP BY class`,
    )
    .iterate(batch);
  for (const { class: index, images, millionths } of rows) {
    const ids = numbers(images);
    let at = 0;
    eachNumber(millionths, (value) => {
      const id = ids[at++] as number;
      if (id > last) return;
      called[id] = index + 1;
      probability[id] = value;
    });
  }
  return { called, probability };
}

/** Class ids of the project by index into the classes of a batch's model; null where there is none of that name now. */
export function modelClassIds(db: Database.Database, batch: number): (number | null)[] {
  const names = JSON.parse(
    String(db.prepare(`SELECT ifnull((SELECT classes FROM batch WHERE id = ?), '[]')`).pluck().get(batch)),
  ) as string[];
  const find = db.prepare(`SELECT id FROM class WHERE name = ? AND removed = 0 AND counts_as = id`).pluck();
  return names.map((name) => (find.get(name) as number | undefined) ?? null);
}
