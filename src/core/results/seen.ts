import { appendAudit } from '../audit/log.ts';
import { transact } from '../db/errors.ts';
import type { Project } from '../db/open.ts';

/**
 * Results of a run were seen: labels that change from now on may do so because of them. Each rater's first sight is in
 * the log; the run knows the very first.
 */
export function noteSeen({ db }: Project, run: string, rater: string): void {
  transact(db, () => {
    const known = db.prepare(
      `SELECT 1 FROM audit WHERE kind = 'seen'
         AND json_extract(payload, '$.run') = ? AND json_extract(payload, '$.rater') = ?`,
    );
    if (known.get(run, rater) !== undefined) return;
    const at = new Date().toISOString();
    db.prepare(`UPDATE run SET seen_at = ? WHERE id = ? AND seen_at IS NULL`).run(at, run);
    appendAudit(db, 'seen', { run, rater, at });
  });
}
