import type Database from 'better-sqlite3';
import { AppError } from '../../contract/errors.ts';
import { writeBatch, type LabelChange, type LabelKind } from './log.ts';

export type LabelValue = { readonly class: string } | { readonly mark: 'none' | 'unsure' | 'skip' | 'clear' };

/**
 * A rater's value for one or more images: one act, undone as a whole.
 * @returns number of the last event
 * @throws AppError `labels.unknownImage`, `labels.adaptOnly`
 */
export function setLabels(db: Database.Database, rater: string, images: readonly number[], value: LabelValue): number {
  assertLabelled(db, images);
  const kind: LabelKind = 'class' in value ? 'class' : value.mark;
  const name = 'class' in value ? value.class.trim().normalize('NFC') : null;
  const changes = [...new Set(images)].map((image) => ({ image, kind, class: name }));
  return writeBatch(db, { rater, kind: 'set', changes }).seq;
}

/** A rater's note on an image; an empty text takes it away. */
export function setNote(db: Database.Database, rater: string, image: number, text: string): number {
  assertLabelled(db, [image]);
  return writeBatch(db, { rater, kind: 'set', changes: [{ image, kind: 'note', text }] }).seq;
}

function assertLabelled(db: Database.Database, images: readonly number[]): void {
  const find = db.prepare<[number], { role: string }>(`SELECT role FROM image WHERE id = ?`);
  for (const image of images) {
    const row = find.get(image);
    if (!row) throw new AppError('labels.unknownImage', { image });
    if (row.role === 'adapt-only') throw new AppError('labels.adaptOnly', { image });
  }
}

interface StoredBatch {
  readonly id: number;
  readonly kind: 'set' | 'undo' | 'redo';
  readonly target: number | null;
}
interface StoredEvent {
  readonly seq: number;
  readonly image: number;
  readonly kind: LabelKind;
  readonly class: string | null;
  readonly text: string | null;
}

/**
 * Takes back the rater's last act by events that bring back what was before it. The log keeps both.
 * @throws AppError `labels.nothingToUndo`
 */
export function undo(db: Database.Database, rater: string): { seq: number; images: number } {
  const target = stacks(db, rater).done.at(-1);
  if (target === undefined) throw new AppError('labels.nothingToUndo', { rater });
  const changes = eventsOf(db, target).map((event) => before(db, rater, event));
  return { seq: writeBatch(db, { rater, kind: 'undo', target, changes }).seq, images: imageCount(changes) };
}

/**
 * Does again what the rater undid last. A new act in between leaves nothing to redo.
 * @throws AppError `labels.nothingToRedo`
 */
export function redo(db: Database.Database, rater: string): { seq: number; images: number } {
  const target = stacks(db, rater).undone.at(-1);
  if (target === undefined) throw new AppError('labels.nothingToRedo', { rater });
  const changes = eventsOf(db, target).map(({ image, kind, class: name, text }) => ({
    image,
    kind,
    class: name,
    text,
  }));
  return { seq: writeBatch(db, { rater, kind: 'redo', target, changes }).seq, images: imageCount(changes) };
}

const imageCount = (changes: readonly LabelChange[]): number => new Set(changes.map(({ image }) => image)).size;

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

function eventsOf(db: Database.Database, batch: number): StoredEvent[] {
  return db
    .prepare<[number], StoredEvent>(
      `SELECT seq, image, kind, class, text FROM label_event WHERE batch = ? ORDER BY seq`,
    )
    .all(batch);
}

/** The change that brings back what the rater said before an event. */
function before(db: Database.Database, rater: string, event: StoredEvent): LabelChange {
  const { image, seq } = event;
  const isNote = event.kind === 'note';
  const earlier = db
    .prepare<[number, string, number], StoredEvent>(
      `SELECT seq, image, kind, class, text FROM label_event
       WHERE image = ? AND rater = ? AND seq < ? AND kind ${isNote ? '=' : '<>'} 'note' ORDER BY seq DESC LIMIT 1`,
    )
    .get(image, rater, seq);
  if (isNote) return { image, kind: 'note', text: earlier?.text ?? '' };
  return earlier ? { image, kind: earlier.kind, class: earlier.class } : { image, kind: 'clear' };
}
