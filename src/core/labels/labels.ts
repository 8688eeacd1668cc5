import type Database from 'better-sqlite3';
import type { Act } from '../../contract/calls/labels.ts';
import { AppError } from '../../contract/errors.ts';
import type { ClassChange } from '../classes/log.ts';
import { actOf } from './acts.ts';
import { timed } from '../diagnostics/timings.ts';
import { jointRater, writeBatch, type LabelChange, type LabelKind } from './log.ts';
import { prepared } from '../db/prepared.ts';

export type LabelValue = { readonly class: string } | { readonly mark: 'none' | 'unsure' | 'skip' | 'clear' };

export interface LabelOptions {
  /** A joint decision of the raters, instead of the rater's own word. */
  readonly joint?: boolean;
  readonly guessShown?: boolean;
}

/**
 * A rater's value for one or more images: one act, undone as a whole.
 * @throws AppError `labels.unknownImage`, `labels.adaptOnly`
 */
export function setLabels(
  db: Database.Database,
  rater: string,
  images: readonly number[],
  value: LabelValue,
  { joint = false, guessShown = false }: LabelOptions = {},
): Act {
  assertLabelled(db, images);
  const kind: LabelKind = 'class' in value ? 'class' : value.mark;
  const name = 'class' in value ? value.class.trim().normalize('NFC') : null;
  const by = joint ? { rater: jointRater } : {};
  const changes = [...new Set(images)].map((image): LabelChange => ({ image, kind, class: name, ...by }));
  return actBy(db, rater, { changes, guessShown });
}

/** A rater's note on an image; an empty text takes it away. */
export function setNote(db: Database.Database, rater: string, image: number, text: string): Act {
  assertLabelled(db, [image]);
  return actBy(db, rater, { changes: [{ image, kind: 'note', text }] });
}

export const changeClasses = (db: Database.Database, rater: string, change: ClassChange): Act =>
  actBy(db, rater, { changes: [], classes: [change] });

function actBy(
  db: Database.Database,
  rater: string,
  act: { changes: readonly LabelChange[]; classes?: readonly ClassChange[]; guessShown?: boolean },
): Act {
  const { batch, seq } = timed('labels.commit', () => writeBatch(db, { rater, kind: 'set', ...act }));
  return actOf(db, batch, seq);
}

function assertLabelled(db: Database.Database, images: readonly number[]): void {
  const refused = prepared<[string], { image: number; role: string | null }>(
    db,
    `SELECT said.value AS image, image.role AS role FROM json_each(?) AS said LEFT JOIN image ON image.id = said.value
     WHERE image.role IS NULL OR image.role = 'adapt-only' LIMIT 1`,
  ).get(JSON.stringify(images));
  if (refused?.role === null) throw new AppError('labels.unknownImage', { image: refused.image });
  if (refused) throw new AppError('labels.adaptOnly', { image: refused.image });
}
