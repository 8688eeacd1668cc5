import type Database from 'better-sqlite3';
import { idList } from './catalogue.ts';
import type { ReviewChoice } from './messages.ts';

/**
 * Images a model named, least sure first. Reviewed is what somebody labelled or confirmed since it was named; to
 * review is what lies below the threshold of its class and is not reviewed.
 */
export function reviewImages(db: Database.Database, { batch, called, part, group }: ReviewChoice): Int32Array {
  const thresholds = thresholdsOf(db, batch);
  const reviewed = `(image IN (SELECT image FROM confirmed)
      OR image IN (SELECT image FROM label WHERE kind IN ('class', 'none') AND rater <> 'imported'))`;
  const below = `probability < ifnull((SELECT value FROM json_each(@each) WHERE key = prediction.class), @all)`;
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
    { batch, called, group, each: JSON.stringify(thresholds.each), all: thresholds.all },
  );
}

function thresholdsOf(db: Database.Database, batch: number): { all: number; each: Record<string, number> } {
  const row = db
    .prepare<[number], { classes: string; threshold: number; thresholds: string }>(
      `SELECT classes, threshold, thresholds FROM batch WHERE id = ?`,
    )
    .get(batch);
  if (!row) return { all: 1, each: {} };
  const names = JSON.parse(row.classes) as string[];
  const byName = JSON.parse(row.thresholds) as Record<string, number>;
  const each = names.flatMap((name, index) => {
    const own = byName[name];
    return own === undefined ? [] : [[String(index), own] as const];
  });
  return { all: row.threshold, each: Object.fromEntries(each) };
}
