import type Database from 'better-sqlite3';
import { NO_CLASS, reasons as reasonNames, TILE_BYTES, tileFlags } from '../../contract/view.ts';
import type { Project } from '../db/open.ts';
import {
  classOfCode,
  columnsFor,
  disagreesAt,
  isAnswer,
  labelAt,
  said,
  saidCode,
  type SaidColumns,
  type Sight,
} from '../labels/visibility.ts';
import { keyOf } from '../thumbnails/keys.ts';
import { appliedBatch } from './applied.ts';
import { modelClassIds } from './catalogue.ts';
import type { View } from './held.ts';

/** Place in the window, mean colour as 0xrrggbb, `bits`, width, height: numbers alone cross from SQLite fastest. */
type ImageRow = readonly [number, number, number, number | null, number | null];
const bits = { unreadable: 1, gone: 2, changed: 4, check: 8 } as const;
const grey = 0x808080;

const randomCheck = reasonNames.indexOf('random-check');

/** Tiles of a part of a view, as the contract lays them out, each with what the rater may know of it. */
export function windowOf(project: Project, view: View, sight: Sight, from: number, count: number): Uint8Array {
  const { db } = project;
  const ids = view.ids.subarray(from, from + count);
  const tiles = new Uint8Array(ids.length * TILE_BYTES);
  const data = new DataView(tiles.buffer);
  const list = JSON.stringify([...ids]);
  const images: ImageRow[] = [];
  for (const row of imageRows(db, list)) images[row[0]] = row;
  const columns = saidOf(db, ids, list, sight);
  const notes = idSet(
    db,
    `SELECT image FROM note WHERE image IN (SELECT value FROM json_each(@list)) AND ${sight.raters('rater')}`,
    list,
    sight,
  );
  const confirmed = idSet(
    db,
    `SELECT image FROM confirmed WHERE image IN (SELECT value FROM json_each(@list)) AND ${sight.raters('rater')}`,
    list,
    sight,
  );
  const predictions = sight.blind ? null : predictionsOf(db, view.batch ?? appliedBatch(db), list);
  ids.forEach((id, i) => {
    const at = i * TILE_BYTES;
    const [, colour, facts, width, height] = images[i] ?? [i, grey, 0, null, null];
    data.setUint32(at, id, true);
    tiles.set(keyOf(project.id, id), at + 4);
    tiles[at + 16] = colour >> 16;
    tiles[at + 17] = colour >> 8;
    tiles[at + 18] = colour;
    const isKnown = (columns.own?.[i] ?? said.nothing) !== said.nothing;
    const isCheck = (facts & bits.check) !== 0;
    const reason = view.reasons?.get(id) ?? 0;
    tiles[at + 19] = reason === randomCheck && !isKnown ? 0 : reason;
    const code = labelAt(columns, i);
    let raised = 0;
    const raise = (holds: boolean, flag: keyof typeof tileFlags): void => void (raised |= holds ? tileFlags[flag] : 0);
    raise(code === said.none, 'none');
    raise(code === said.unsure, 'unsure');
    raise(code === said.skip, 'skip');
    raise(notes.has(id), 'note');
    raise(isCheck && isKnown, 'check');
    raise((facts & bits.unreadable) !== 0, 'unreadable');
    raise((facts & bits.gone) !== 0, 'gone');
    raise((facts & bits.changed) !== 0, 'changed');
    raise(disagreesAt(columns, i), 'disagreement');
    raise(confirmed.has(id), 'confirmed');
    raise(isAnswer(columns.joint?.[i] ?? said.nothing), 'joint');
    data.setUint16(at + 20, raised, true);
    data.setUint16(at + 22, classOfCode(code) ?? NO_CLASS, true);
    const hidden = view.isQueue && isCheck && !isKnown;
    const prediction = hidden ? undefined : predictions?.get(id);
    data.setUint16(at + 24, prediction?.class ?? NO_CLASS, true);
    tiles[at + 26] = Math.round((prediction?.probability ?? 0) * 255);
    tiles[at + 27] = shape(width, height);
  });
  return tiles;
}

const shape = (width: number | null, height: number | null): number =>
  width && height ? Math.max(0, Math.min(255, Math.round(64 * Math.log2(width / height)) + 128)) : 128;

const imageRows = (db: Database.Database, list: string): ImageRow[] =>
  db
    .prepare(
      `SELECT json_each.key,
         ifnull(CAST(red AS INTEGER) * 65536 + CAST(green AS INTEGER) * 256 + CAST(blue AS INTEGER), ${grey}),
         (state = 'unreadable') * ${bits.unreadable} + (state = 'gone') * ${bits.gone}
           + (changed_at IS NOT NULL) * ${bits.changed} + ifnull(side = 'check', 0) * ${bits.check},
         width, height
       FROM json_each(?) CROSS JOIN image ON image.id = json_each.value`,
    )
    .raw()
    .all(list) as ImageRow[];

/** What raters say of the images of a window: columns by place in it. */
function saidOf(db: Database.Database, ids: Int32Array, list: string, sight: Sight): SaidColumns {
  const placeOf = new Map(Array.from(ids, (id, i) => [id, i]));
  const columns = new Map<string, Uint16Array>();
  const rows = db
    .prepare<[object], { image: number; rater: string; kind: string; class_id: number | null }>(
      `SELECT image, rater, kind, class_id FROM json_each(@list) CROSS JOIN label_now ON image = json_each.value
       WHERE ${sight.raters('rater')}`,
    )
    .all({ list, rater: sight.rater });
  for (const { image, rater, kind, class_id: classId } of rows) {
    let column = columns.get(rater);
    if (!column) columns.set(rater, (column = new Uint16Array(ids.length)));
    column[placeOf.get(image) as number] = saidCode(kind, classId);
  }
  return columnsFor(columns, sight);
}

const idSet = (db: Database.Database, sql: string, list: string, { rater }: Sight): Set<number> =>
  new Set(db.prepare(sql).pluck().all({ list, rater }) as number[]);

function predictionsOf(
  db: Database.Database,
  batch: number | null,
  list: string,
): Map<number, { class: number | null; probability: number }> | null {
  if (batch === null) return null;
  const classIds = modelClassIds(db, batch);
  const rows = db
    .prepare<[string, number], { image: number; class: number; probability: number }>(
      `SELECT image, class, probability FROM json_each(?)
       CROSS JOIN prediction ON prediction.batch = ? AND prediction.image = json_each.value`,
    )
    .all(list, batch);
  return new Map(
    rows.map(({ image, class: index, probability }) => [image, { class: classIds[index] ?? null, probability }]),
  );
}
