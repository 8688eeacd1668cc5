import type Database from 'better-sqlite3';
import { z } from 'zod';
import type { LibrarySummary } from '../../contract/library.ts';
import type { Project } from '../db/open.ts';
import { readSetting } from './paths.ts';
import type { ReadCounts } from './read.ts';
import { libraryWarnings } from './warnings.ts';

/** What an import leaves for later summaries. */
export const keptSchema = z.object({
  keepApart: z.string().nullable(),
  missing: z.object({ rows: z.int(), first: z.string().nullable() }),
});
export type KeptSummary = z.infer<typeof keptSchema>;

const count = (db: Database.Database, sql: string): number => Number(db.prepare(sql).pluck().get() ?? 0);

/** What is in a project, in numbers. */
export function summarize(project: Project, latest?: { counts: ReadCounts; seconds: number }): LibrarySummary {
  const { db } = project;
  const kept = keptSchema.parse(readSetting(db, 'summary') ?? { keepApart: null, missing: { rows: 0, first: null } });
  const groupCount = count(
    db,
    `SELECT count(DISTINCT group_id) FROM image WHERE state = 'ok' AND role = 'main' AND group_id IS NOT NULL`,
  );
  const counts = latest?.counts;
  const moved = counts?.moved ?? 0;
  const summary: Omit<LibrarySummary, 'warnings'> = {
    project: project.folder,
    images: count(db, `SELECT count(*) FROM image WHERE state = 'ok' AND role = 'main'`),
    added: counts?.added ?? 0,
    // A file under another name is neither new nor gone.
    gone: Math.max(0, (counts?.gone ?? 0) - moved),
    changed: counts?.changed ?? 0,
    unlabelledOnly: count(db, `SELECT count(*) FROM image WHERE state = 'ok' AND role = 'adapt-only'`),
    classes: classCounts(db),
    groups: {
      keepApart: groupCount > 0 ? kept.keepApart : null,
      count: groupCount,
      check: count(db, `SELECT count(*) FROM image_group WHERE side = 'check'`),
      unmatched:
        groupCount > 0
          ? count(db, `SELECT count(*) FROM image WHERE state = 'ok' AND role = 'main' AND group_id IS NULL`)
          : 0,
      reportBy: db.prepare(`SELECT DISTINCT column_name FROM report_group ORDER BY 1`).pluck().all() as string[],
    },
    duplicates: duplicateCounts(db),
    check: {
      images: count(db, `SELECT count(*) FROM image WHERE state = 'ok' AND side = 'check'`),
      groups: count(db, `SELECT count(*) FROM image_group WHERE side = 'check'`),
    },
    unreadable: db
      .prepare<[], { file: string; bytes: number; code: string; reason: string }>(
        `SELECT file, bytes, failure_code AS code, failure_reason AS reason FROM image
         WHERE state = 'unreadable' ORDER BY role DESC, file`,
      )
      .all(),
    seconds: latest?.seconds ?? 0,
  };
  return { ...summary, warnings: [...project.warnings, ...libraryWarnings(db, summary, kept)] };
}

function classCounts(db: Database.Database): LibrarySummary['classes'] {
  return db
    .prepare<[], { name: string; images: number; training: number; check: number }>(
      `SELECT class.name AS name, count(image.id) AS images,
         ifnull(sum(image.side = 'training'), 0) AS training, ifnull(sum(image.side = 'check'), 0) AS "check"
       FROM class
       LEFT JOIN counting_label ON counting_label.class = class.name
       LEFT JOIN image ON image.id = counting_label.image AND image.state = 'ok'
       GROUP BY class.id HAVING count(image.id) > 0 ORDER BY class.position, class.id`,
    )
    .all();
}

/** Images beyond the first of each family: those with the same bytes, and those that only look the same. */
function duplicateCounts(db: Database.Database): LibrarySummary['duplicates'] {
  const exact = count(db, `SELECT count(*) - count(DISTINCT hash) FROM image WHERE state = 'ok'`);
  const all = count(
    db,
    `SELECT count(*) - count(DISTINCT family) FROM image WHERE state = 'ok' AND family IS NOT NULL`,
  );
  return { exact, near: Math.max(0, all - exact) };
}
