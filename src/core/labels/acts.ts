import type Database from 'better-sqlite3';
import type { Act } from '../../contract/calls/labels.ts';
import { classChangesOf } from '../classes/log.ts';
import type { LabelKind } from './log.ts';
import { prepared } from '../db/prepared.ts';

/** More images than this are only counted. */
const mostIds = 10_000;

interface StoredEvent {
  readonly image: number;
  readonly kind: LabelKind;
  readonly class: string | null;
  readonly text: string | null;
}

/**
 * What an act did, in data: the page makes the sentence.
 * @param seq number of the last event of whatever tells of it: itself, or its undoing
 */
export function actOf(db: Database.Database, batch: number, seq: number): Act {
  const time = String(prepared(db, `SELECT time FROM label_batch WHERE id = ?`).pluck().get(batch));
  const events = prepared<[number], StoredEvent>(
    db,
    `SELECT image, kind, class, text FROM label_event WHERE batch = ? ORDER BY seq`,
  ).all(batch);
  const images = [...new Set(events.map(({ image }) => image))];
  const [first] = events;
  const base = { seq, images: images.length, time, ids: images.slice(0, mostIds) };
  const [change] = classChangesOf(db, batch);
  if (change && !first) {
    const row = change.after.find(({ id }) => id === change.class) ?? change.after[0];
    return { ...base, kind: `class.${change.kind}`, value: row?.name ?? '' };
  }
  switch (first?.kind) {
    case 'note':
      return { ...base, kind: 'note', value: first.text ?? '' };
    case 'class':
      return { ...base, kind: 'set', value: nameNow(db, first.class) };
    case 'confirm':
      return { ...base, kind: 'confirm', value: nameNow(db, first.class) };
    default:
      return { ...base, kind: first?.kind === 'unconfirm' ? 'confirm' : 'set', value: first?.kind ?? 'clear' };
  }
}

/** Name of a class now, by its key in the log. */
function nameNow(db: Database.Database, key: string | null): string {
  const name = prepared(
    db,
    `SELECT now.name FROM class AS own JOIN class AS now ON now.id = own.counts_as WHERE own.key = ?`,
  )
    .pluck()
    .get(key);
  return typeof name === 'string' ? name : (key ?? '');
}
