import { findBatch, reviewedSql, thresholdOf } from '../apply/batches.ts';
import { scattered } from '../map/random.ts';
import { idList, type Predictions } from './catalogue.ts';
import { byProbability } from './choose.ts';
import type { ReviewChoice } from './messages.ts';
import type { Facts } from './pass.ts';

/**
 * Images a model named, least sure first; those unlike the training images the farthest first; a sample at random. To
 * review is what lies below the threshold of its class and was neither labelled nor confirmed by anybody. Read class by
 * class along an index: a million rows are never sorted by SQLite.
 * @throws AppError `batch.unknown`
 */
export function reviewImages(
  { db, catalogue }: Pick<Facts, 'db' | 'catalogue'>,
  { batch, called, part, group }: ReviewChoice,
  { probability }: Predictions,
): Int32Array {
  const stored = findBatch(db, batch);
  const { last } = catalogue;
  const isReviewed = new Uint8Array(last + 1);
  for (const id of idList(db, `SELECT image AS id FROM (${reviewedSql})`)) isReviewed[id] = 1;
  const condition = part === 'to-review' ? 'probability < ?' : part === 'named' ? 'probability >= ?' : '? IS NOT NULL';
  const place = group === null ? null : catalogue.groupNames.indexOf(group);
  const inGroup = (id: number): boolean => place === null || catalogue.group[id] === place;
  if (part === 'unlike') {
    const sql = `SELECT image AS id FROM prediction WHERE batch = ? AND distance > 1 AND (? IS NULL OR class = ?)
      ORDER BY distance DESC`;
    return idList(db, sql, batch, called, called).filter((id) => isReviewed[id] !== 1 && inGroup(id));
  }
  const takesAll = part === 'all' || typeof part !== 'string';
  const isFound = new Uint8Array(last + 1);
  stored.classes.forEach((_, index) => {
    if (called !== null && called !== index) return;
    const sql = `SELECT image AS id FROM prediction WHERE batch = ? AND class = ? AND ${condition}`;
    for (const id of idList(db, sql, batch, index, thresholdOf(stored, index))) {
      if (!takesAll && (isReviewed[id] === 1) !== (part === 'reviewed')) continue;
      if (inGroup(id)) isFound[id] = 1;
    }
  });
  const found = byProbability(last, probability, (id) => isFound[id] === 1);
  return typeof part === 'string' ? found : scattered(found).slice(0, part.sample);
}
