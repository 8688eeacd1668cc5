import type Database from 'better-sqlite3';
import type { Act } from '../../contract/calls/labels.ts';
import { AppError } from '../../contract/errors.ts';
import { classChangesOf, inverseOf } from '../classes/log.ts';
import { actOf } from './acts.ts';
import { writeBatch, type LabelChange, type LabelKind } from './log.ts';

interface StoredBatch {
  readonly id: number;
  readonly kind: 'set' | 'undo' | 'redo';
  readonly target: number | null;
}
interface StoredEvent {
  readonly seq: number;
  readonly rater: string;
  readonly image: number;
  readonly kind: LabelKind;
  readonly class: string | null;
  readonly text: string | null;
}

/**
 * Takes back the rater's last act by events that bring back what was before it. The log keeps both.
 * @throws AppError `labels.nothingToUndo`
 */
export function undo(db: Database.Database, rater: string): Act {
  const target = stacks(db, rater).done.at(-1);
  if (target === undefined) throw new AppError('labels.nothingToUndo', { rater });
  const changes = changesBack(db, target);
  const classes = classChangesOf(db, target).map(inverseOf).reverse();
  const { seq } = writeBatch(db, { rater, kind: 'undo', target, changes, classes, fromLog: true });
  return actOf(db, target, seq);
}

/**
 * Does again what the rater undid last. A new act in between leaves nothing to redo.
 * @throws AppError `labels.nothingToRedo`
 */
export function redo(db: Database.Database, rater: string): Act {
  const target = stacks(db, rater).undone.at(-1);
  if (target === undefined) throw new AppError('labels.nothingToRedo', { rater });
  const changes = eventsOf(db, target).map(({ image, kind, class: key, text, rater: by }) => ({
    image,
    kind,
    class: key,
    text,
    rater: by,
  }));
  const classes = classChangesOf(db, target);
  const { seq } = writeBatch(db, { rater, kind: 'redo', target, changes, classes, fromLog: true });
  return actOf(db, target, seq);
}

/** What undo and redo would do now. */
export function stackOf(db: Database.Database, rater: string): { undo: Act | null; redo: Act | null } {
  const { done, undone } = stacks(db, rater);
  const act = (batch: number | undefined): Act | null => (batch === undefined ? null : actOf(db, batch, 0));
  return { undo: act(done.at(-1)), redo: act(undone.at(-1)) };
}

/** What can be undone and redone, told from the log alone, so that it survives a restart. Imports are no act. */
function stacks(db: Database.Database, rater: string): { done: number[]; undone: number[] } {
  const batches = db
    .prepare<[string], StoredBatch>(
      `SELECT id, kind, target FROM label_batch WHERE rater = ? AND kind <> 'import' ORDER BY id`,
    )
    .all(rater);
  const done: number[] = [];
  let undone: number[] = [];
  for (const { id, kind, target } of batches) {
    if (kind === 'set') {
      done.push(id);
      undone = [];
    } else if (kind === 'undo') undone.push(done.pop() as number);
    else {
      undone.pop();
      done.push(target as number);
    }
  }
  return { done, undone };
}

const eventsOf = (db: Database.Database, batch: number): StoredEvent[] =>
  db
    .prepare<[number], StoredEvent>(
      `SELECT seq, rater, image, kind, class, text FROM label_event WHERE batch = ? ORDER BY seq`,
    )
    .all(batch);

/** Kinds of events that replace each other: labels, notes, confirmations. */
const channel = (event: string): string =>
  `CASE WHEN ${event}.kind = 'note' THEN 1 WHEN ${event}.kind IN ('confirm', 'unconfirm') THEN 2 ELSE 0 END`;

interface Earlier {
  readonly image: number;
  readonly rater: string;
  readonly kind: LabelKind;
  readonly beforeKind: LabelKind | null;
  readonly class: string | null;
  readonly text: string | null;
}

/** The changes that bring back what was said before each event of a batch. */
function changesBack(db: Database.Database, batch: number): LabelChange[] {
  const rows = db
    .prepare<[number], Earlier>(
      // By image: walking back over the whole log, as the planner would, takes as long as the act is large.
      `SELECT event.image AS image, event.rater AS rater, event.kind AS kind, before.kind AS beforeKind,
         before.class AS class, before.text AS text
       FROM label_event AS event
       LEFT JOIN label_event AS before ON before.seq = (
         SELECT max(seq) FROM label_event AS other INDEXED BY label_event_image
         WHERE other.image = event.image AND other.rater = event.rater AND other.seq < event.seq
           AND ${channel('other')} = ${channel('event')})
       WHERE event.batch = ? ORDER BY event.seq`,
    )
    .all(batch);
  return rows.map(({ image, rater, kind, beforeKind, class: key, text }): LabelChange => {
    if (kind === 'note') return { image, rater, kind, text: text ?? '' };
    if (beforeKind !== null) return { image, rater, kind: beforeKind, class: key };
    return { image, rater, kind: kind === 'confirm' || kind === 'unconfirm' ? 'unconfirm' : 'clear' };
  });
}
