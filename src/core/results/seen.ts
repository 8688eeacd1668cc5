import { appendAudit } from '../audit/log.ts';
import { transact } from '../db/errors.ts';
import type { Project } from '../db/open.ts';

/** Results of a run were seen, for the first time: labels that change from now on may do so because of them. */
export function noteSeen({ db }: Project, run: string, rater: string): void {
  transact(db, () => {
    const at = new Date().toISOString();
    const first = db.prepare(`UPDATE run SET seen_at = ? WHERE id = ? AND seen_at IS NULL`).run(at, run);
    if (first.changes > 0) appendAudit(db, 'seen', { run, rater, at });
  });
}
