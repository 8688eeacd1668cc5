import type { Project } from '../db/open.ts';
import { shareOf } from '../../statistics/share.ts';
import { readScored } from '../results/scored.ts';
import { allAnswers } from '../results/trust.ts';
import { reviewedSql, type StoredBatch } from './batches.ts';

const thresholds = Array.from({ length: 50 }, (_, i) => (50 + i) / 100);

export interface Curve {
  checkImages: number;
  points: {
    threshold: number;
    named: number;
    toReview: number;
    wrong: { mean: number; ci: [number, number]; images: number } | null;
  }[];
}

/**
 * For each threshold: how many images would be named, how many are left to review, and the share of wrong names to be
 * expected, told from the check images above it; its range clusters by group.
 * @throws AppError `run.noScored`
 */
export async function thresholdCurve(project: Project, batch: StoredBatch): Promise<Curve> {
  const { db } = project;
  const scored = await readScored(project, batch.run);
  // What is applied is corrected, where the run has what to correct by.
  const answers = allAnswers(scored, batch.arm, 'after') ?? allAnswers(scored, batch.arm, 'before') ?? [];
  const count = db
    .prepare<[number, number], number>(`SELECT count(*) FROM prediction WHERE batch = ? AND probability < ?`)
    .pluck();
  const all = Number(db.prepare(`SELECT count(*) FROM prediction WHERE batch = ?`).pluck().get(batch.id));
  const reviewed = db
    .prepare<[number], number>(
      `SELECT probability FROM (${reviewedSql}) AS seen
       CROSS JOIN prediction ON prediction.batch = ? AND prediction.image = seen.image`,
    )
    .pluck()
    .all(batch.id);
  return {
    checkImages: scored.length,
    points: thresholds.map((threshold) => {
      const below = count.get(batch.id, threshold) ?? 0;
      const above = answers.filter(({ probability }) => probability >= threshold);
      const wrong = shareOf(above.map((answer) => ({ ...answer, hit: !answer.hit })));
      return {
        threshold,
        named: all - below,
        toReview: below - reviewed.filter((probability) => probability < threshold).length,
        wrong: wrong && { mean: wrong.mean, ci: [...wrong.ci], images: wrong.images },
      };
    }),
  };
}
