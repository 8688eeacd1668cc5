import type Database from 'better-sqlite3';
import { appendAudit, canonicalJson, sha256 } from '../audit/log.ts';
import { transact } from '../db/errors.ts';

export type LabelKind = 'class' | 'none' | 'unsure' | 'skip' | 'clear' | 'note';
export type BatchKind = 'set' | 'import' | 'undo' | 'redo';

/** Raters with a meaning of their own: labels that came with the images, and what raters decided together. */
export const importedRater = 'imported';
export const jointRater = 'joint';

/** What a rater says of an image. */
export interface LabelChange {
  readonly image: number;
  readonly kind: LabelKind;
  /** Name of the class, for kind `class`. */
  readonly class?: string | null;
  /** Text of a note; empty takes the note away. */
  readonly text?: string | null;
}
export interface LabelEvent extends LabelChange {
  readonly seq: number;
  readonly time: string;
  readonly rater: string;
  readonly batch: number;
}
export interface Batch {
  readonly rater: string;
  readonly kind: BatchKind;
  /** The batch that is undone or redone. */
  readonly target?: number;
  readonly changes: readonly LabelChange[];
}

/**
 * Writes one act of a rater: events, current view and audit entry, in one transaction.
 * @returns the batch and the last event's number
 */
export function writeBatch(db: Database.Database, batch: Batch): { batch: number; seq: number } {
  return transact(db, () => {
    const time = new Date().toISOString();
    const { rater, kind, target = null } = batch;
    const id = Number(
      db
        .prepare(`INSERT INTO label_batch (time, rater, kind, target) VALUES (?, ?, ?, ?)`)
        .run(time, rater, kind, target).lastInsertRowid,
    );
    const insert = db.prepare(
      `INSERT INTO label_event (time, rater, image, kind, class, text, batch) VALUES (?, ?, ?, ?, ?, ?, ?)`,
    );
    const view = currentView(db);
    let seq = 0;
    for (const change of batch.changes) {
      if (change.kind === 'class') ensureClass(db, change.class ?? '');
      const text = change.kind === 'note' ? (change.text ?? '') : null;
      const name = change.kind === 'class' ? (change.class ?? '') : null;
      seq = Number(insert.run(time, rater, change.image, change.kind, name, text, id).lastInsertRowid);
      view.apply({ ...change, class: name, text, seq, time, rater, batch: id });
    }
    appendAudit(db, 'labels', { batch: id, rater, kind, target, ...batchDigest(db, id) });
    return { batch: id, seq };
  });
}

/** Count and hash of a batch's events as they are in the log. */
export function batchDigest(db: Database.Database, batch: number): { count: number; digest: string } {
  const events = db
    .prepare(`SELECT seq, time, rater, image, kind, class, text FROM label_event WHERE batch = ? ORDER BY seq`)
    .all(batch);
  return { count: events.length, digest: sha256(canonicalJson(events)) };
}

/** The tables of current labels and notes, as a fold over events. */
function currentView(db: Database.Database): { apply(event: LabelEvent): void } {
  const setLabel = db.prepare(
    `INSERT INTO label (image, rater, kind, class, seq) VALUES (@image, @rater, @kind, @class, @seq)
     ON CONFLICT (image, rater) DO UPDATE SET kind = excluded.kind, class = excluded.class, seq = excluded.seq`,
  );
  const clearLabel = db.prepare(`DELETE FROM label WHERE image = @image AND rater = @rater`);
  const setNote = db.prepare(
    `INSERT INTO note (image, rater, text, seq) VALUES (@image, @rater, @text, @seq)
     ON CONFLICT (image, rater) DO UPDATE SET text = excluded.text, seq = excluded.seq`,
  );
  const clearNote = db.prepare(`DELETE FROM note WHERE image = @image AND rater = @rater`);
  return {
    apply: ({ image, rater, kind, class: name, text, seq }) => {
      if (kind === 'note') {
        if (text) setNote.run({ image, rater, text, seq });
        else clearNote.run({ image, rater });
      } else if (kind === 'clear') clearLabel.run({ image, rater });
      else setLabel.run({ image, rater, kind, class: name ?? null, seq });
    },
  };
}

function ensureClass(db: Database.Database, name: string): void {
  db.prepare(
    `INSERT INTO class (key, name, position, counts_as)
     SELECT @name, @name, (SELECT ifnull(max(position), 0) + 1 FROM class), (SELECT ifnull(max(id), 0) + 1 FROM class)
     WHERE NOT EXISTS (SELECT 1 FROM class WHERE key = @name)`,
  ).run({ name });
}
