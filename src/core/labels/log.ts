import type Database from 'better-sqlite3';
import { appendAudit, canonicalJson, sha256 } from '../audit/log.ts';
import { applyClassChange, classKeyFor, type ClassChange } from '../classes/log.ts';
import { transact } from '../db/errors.ts';
import { prepared } from '../db/prepared.ts';

export type LabelKind = 'class' | 'none' | 'unsure' | 'skip' | 'clear' | 'note' | 'confirm' | 'unconfirm';
export type BatchKind = 'set' | 'import' | 'undo' | 'redo';

/** Raters with a meaning of their own: labels that came with the images, and what raters decided together. */
export const importedRater = 'imported';
export const jointRater = 'joint';

/** What a rater says of an image. */
export interface LabelChange {
  readonly image: number;
  readonly kind: LabelKind;
  /** Name of the class, for the kinds `class` and `confirm`. In the log itself, and taken from it: its key. */
  readonly class?: string | null;
  /** Text of a note; empty takes the note away. */
  readonly text?: string | null;
  /** Whose word it is, where that is not who acts: a joint decision. */
  readonly rater?: string;
}
export interface LabelEvent extends LabelChange {
  readonly seq: number;
  readonly time: string;
  readonly rater: string;
  readonly batch: number;
}
export interface Batch {
  /** Who acts: whose undo takes it back. */
  readonly rater: string;
  readonly kind: BatchKind;
  /** The batch that is undone or redone. */
  readonly target?: number;
  readonly changes: readonly LabelChange[];
  /** What happens to classes in the same act. */
  readonly classes?: readonly ClassChange[];
  /** The changes hold keys of classes, not names: they come from the log. */
  readonly fromLog?: true;
  /** The model's guess was shown meanwhile. */
  readonly guessShown?: boolean;
}

/**
 * Writes one act of a rater: events, current view and audit entry, in one transaction. A class that is named and not
 * there yet is made in the same act.
 * @returns the batch and the last event's number
 */
export function writeBatch(db: Database.Database, batch: Batch): { batch: number; seq: number } {
  return transact(db, () => {
    const time = new Date().toISOString();
    const { rater, kind, target = null } = batch;
    const id = Number(
      prepared(db, `INSERT INTO label_batch (time, rater, kind, target) VALUES (?, ?, ?, ?)`).run(
        time,
        rater,
        kind,
        target,
      ).lastInsertRowid,
    );
    const act = { time, rater, batch: id };
    for (const change of batch.classes ?? []) applyClassChange(db, act, change);
    const insert = prepared(
      db,
      `INSERT INTO label_event (time, rater, image, kind, class, text, batch) VALUES (?, ?, ?, ?, ?, ?, ?)`,
    );
    const view = currentView(db);
    const keys = new Map<string, string>();
    const keyOf = (name: string): string => {
      if (batch.fromLog) return name;
      const known = keys.get(name) ?? classKeyFor(db, act, name);
      keys.set(name, known);
      return known;
    };
    const written: LoggedEvent[] = [];
    for (const change of batch.changes) {
      const text = change.kind === 'note' ? (change.text ?? '') : null;
      const key = change.kind === 'class' || change.kind === 'confirm' ? keyOf(change.class ?? '') : null;
      const by = change.rater ?? rater;
      const { image, kind: said } = change;
      const seq = Number(insert.run(time, by, image, said, key, text, id).lastInsertRowid);
      written.push({ class: key, image, kind: said, rater: by, seq, text, time });
      view.apply({ ...change, class: key, text, seq, time, rater: by, batch: id });
    }
    appendAudit(db, 'labels', {
      batch: id,
      rater,
      kind,
      target,
      ...digestOf(db, id, written),
      ...(batch.guessShown ? { guessShown: true } : {}),
      ...(kind === 'import' ? {} : afterResults(db)),
    });
    return { batch: id, seq: written.at(-1)?.seq ?? 0 };
  });
}

/** Who has seen results may change labels because of them: the trail tells it of each act, with the run seen last. */
function afterResults(db: Database.Database): { afterResults?: string } {
  const run = prepared<[], string>(
    db,
    `SELECT id FROM run WHERE seen_at IS NOT NULL ORDER BY seen_at DESC, rowid DESC LIMIT 1`,
  )
    .pluck()
    .get();
  return run === undefined ? {} : { afterResults: run };
}

/** A row of the log as it is digested. Columns in order, for the JSON. */
interface LoggedEvent {
  readonly class: string | null;
  readonly image: number;
  readonly kind: LabelKind;
  readonly rater: string;
  readonly seq: number;
  readonly text: string | null;
  readonly time: string;
}

/** Count and hash of a batch's events as they are in the logs of labels and of classes. */
export function batchDigest(db: Database.Database, batch: number): { count: number; digest: string } {
  const events = prepared<[number], LoggedEvent>(
    db,
    `SELECT class, image, kind, rater, seq, text, time FROM label_event WHERE batch = ? ORDER BY seq`,
  ).all(batch);
  return digestOf(db, batch, events);
}

function digestOf(
  db: Database.Database,
  batch: number,
  events: readonly LoggedEvent[],
): { count: number; digest: string } {
  const classes = prepared(
    db,
    `SELECT class, detail, kind, rater, seq, time FROM class_event WHERE batch = ? ORDER BY seq`,
  ).all(batch);
  const told = classes.length > 0 ? { events, classes } : events;
  return { count: events.length + classes.length, digest: sha256(canonicalJson(told)) };
}

/** The tables of current labels, notes and confirmations, as a fold over events. */
function currentView(db: Database.Database): { apply(event: LabelEvent): void } {
  const setLabel = prepared(
    db,
    `INSERT INTO label (image, rater, kind, class, seq) VALUES (@image, @rater, @kind, @class, @seq)
     ON CONFLICT (image, rater) DO UPDATE SET kind = excluded.kind, class = excluded.class, seq = excluded.seq`,
  );
  const clearLabel = prepared(db, `DELETE FROM label WHERE image = @image AND rater = @rater`);
  const setNote = prepared(
    db,
    `INSERT INTO note (image, rater, text, seq) VALUES (@image, @rater, @text, @seq)
     ON CONFLICT (image, rater) DO UPDATE SET text = excluded.text, seq = excluded.seq`,
  );
  const clearNote = prepared(db, `DELETE FROM note WHERE image = @image AND rater = @rater`);
  const confirm = prepared(
    db,
    `INSERT INTO confirmed (image, rater, class, seq) VALUES (@image, @rater, @class, @seq)
     ON CONFLICT (image, rater) DO UPDATE SET class = excluded.class, seq = excluded.seq`,
  );
  const unconfirm = prepared(db, `DELETE FROM confirmed WHERE image = @image AND rater = @rater`);
  return {
    apply: ({ image, rater, kind, class: key, text, seq }) => {
      switch (kind) {
        case 'note':
          return void (text ? setNote.run({ image, rater, text, seq }) : clearNote.run({ image, rater }));
        case 'confirm':
          return void confirm.run({ image, rater, class: key ?? '', seq });
        case 'unconfirm':
          return void unconfirm.run({ image, rater });
        case 'clear':
          return void clearLabel.run({ image, rater });
        default:
          return void setLabel.run({ image, rater, kind, class: key ?? null, seq });
      }
    },
  };
}
