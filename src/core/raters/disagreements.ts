import type Database from 'better-sqlite3';
import { jointRater } from '../labels/log.ts';

/** Images whose raters disagree and for which no joint decision stands: they train and check nothing. */
export function openDisagreements(db: Database.Database): number[] {
  return db
    .prepare<[string], number>(
      `SELECT image FROM label_now WHERE kind IN ('class', 'none')
         AND image NOT IN (SELECT image FROM label_now WHERE rater = ? AND kind IN ('class', 'none'))
       GROUP BY image HAVING count(DISTINCT kind || ifnull(class_id, '')) > 1 ORDER BY image`,
    )
    .pluck()
    .all(jointRater);
}
