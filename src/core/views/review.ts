import type Database from 'better-sqlite3';
import { findBatch, reviewedSql, thresholdOf } from '../apply/batches.ts';
import { idList } from './catalogue.ts';
import type { ReviewChoice } from './messages.ts';

/**
 * Images a model named, least sure first. To review is what lies below the threshold of its class and was neither
 * labelled nor confirmed by anybody.
 * @throws AppError `batch.unknown`
 */
export function reviewImages(db: Database.Database, { batch, called, part, group }: ReviewChoice): Int32Array {
  const stored = findBatch(db, batch);
  const reviewed = `image IN (${reviewedSql})`;
  const thresholds = JSON.stringify(stored.classes.map((_, index) => thresholdOf(stored, index)));
  const below = `probability < (SELECT value FROM json_each(@thresholds) WHERE key = prediction.class)`;
  const parts = {
    all: 'true',
    reviewed,
    'to-review': `${below} AND NOT ${reviewed}`,
    named: `NOT ${below} AND NOT ${reviewed}`,
  };
  const inGroup = `image IN (SELECT image.id FROM image JOIN image_group ON image_group.id = image.group_id
      WHERE image_group.name = @group)`;
  return idList(
    db,
    `SELECT image AS id FROM prediction WHERE batch = @batch
       ${called === null ? '' : 'AND class = @called'} ${group === null ? '' : `AND ${inGroup}`}
       AND ${parts[part]}
     ORDER BY probability, image`,
    { batch, called, group, thresholds },
  );
}
