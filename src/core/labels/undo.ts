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
  const earlier = earlierIn(db);
  const changes = eventsOf(db, target).map(earlier);
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

/** Kinds of events that replace each other. */
const channels: Readonly<Record<string, string>> = {
  note: `('note')`,
  confirm: `('confirm', 'unconfirm')`,
  unconfirm: `('confirm', 'unconfirm')`,
};
const labelChannel = `('class', 'none', 'unsure', 'skip', 'clear')`;

/** The change that brings back what was said before an event. */
function earlierIn(db: Database.Database): (event: StoredEvent) => LabelChange {
  const finds = new Map<string, Database.Statement<[number, string, number], StoredEvent>>();
  const findIn = (kinds: string) => {
    const known = finds.get(kinds);
    if (known) return known;
    const made = db.prepare<[number, string, number], StoredEvent>(
      // Walking back over the whole log, as the planner would, takes as long as the act is large.
      `SELECT seq, rater, image, kind, class, text FROM label_event INDEXED BY label_event_image
       WHERE image = ? AND rater = ? AND seq < ? AND kind IN ${kinds} ORDER BY seq DESC LIMIT 1`,
    );
    finds.set(kinds, made);
    return made;
  };
  return ({ image, rater, seq, kind }) => {
    const before = findIn(channels[kind] ?? labelChannel).get(image, rater, seq);
    if (kind === 'note') return { image, rater, kind, text: before?.text ?? '' };
    if (before) return { image, rater, kind: before.kind, class: before.class };
    return { image, rater, kind: kind === 'confirm' || kind === 'unconfirm' ? 'unconfirm' : 'clear' };
  };
}
