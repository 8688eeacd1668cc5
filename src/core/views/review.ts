import { findBatch, reviewedSql, thresholdOf } from '../apply/batches.ts';
import { idList, type Predictions } from './catalogue.ts';
import { byProbability } from './choose.ts';
import type { ReviewChoice } from './messages.ts';
import type { Facts } from './pass.ts';

/**
 * Images a model named, least sure first. To review is what lies below the threshold of its class and was neither
 * labelled nor confirmed by anybody. Read class by class along an index: a million rows are never sorted by SQLite.
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
  const isFound = new Uint8Array(last + 1);
  stored.classes.forEach((_, index) => {
    if (called !== null && called !== index) return;
    const sql = `SELECT image AS id FROM prediction WHERE batch = ? AND class = ? AND ${condition}`;
    for (const id of idList(db, sql, batch, index, thresholdOf(stored, index))) {
      if (part !== 'all' && (isReviewed[id] === 1) !== (part === 'reviewed')) continue;
      if (place === null || catalogue.group[id] === place) isFound[id] = 1;
    }
  });
  return byProbability(last, probability, (id) => isFound[id] === 1);
}
