import type { Project } from '../db/open.ts';
import type { Scored } from '../../contract/run-files.ts';
import { readScored, weightOf } from '../results/scored.ts';
import { reviewedSql, type StoredBatch } from './batches.ts';
import { wilson } from '../../statistics/wilson.ts';

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
 * expected, told from the check images above it.
 * @throws AppError `run.noScored`
 */
export async function thresholdCurve(project: Project, batch: StoredBatch): Promise<Curve> {
  const { db } = project;
  const scored = await readScored(project, batch.run);
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
      const above = scored.filter((image) => image[batch.arm].probability >= threshold);
      const wrong = above.filter((image) => image[batch.arm].called !== image.class);
      return {
        threshold,
        named: all - below,
        toReview: below - reviewed.filter((probability) => probability < threshold).length,
        wrong: above.length === 0 ? null : { ...shareOf(wrong, above), images: above.length },
      };
    }),
  };
}

/** A share of weighted images; its range is that of as many equal ones as tell the same, (Σw)² / Σw² (Kish 1965). */
function shareOf(part: Scored['images'], whole: Scored['images']): { mean: number; ci: [number, number] } {
  const sum = (images: Scored['images'], power: number): number =>
    images.reduce((total, image) => total + weightOf(image) ** power, 0);
  const [hits, all] = [sum(part, 1), sum(whole, 1)];
  const effective = all ** 2 / sum(whole, 2);
  return { mean: hits / all, ci: wilson(hits * (effective / all), effective) };
}
