import { createHash } from 'node:crypto';
import type Database from 'better-sqlite3';
import { AppError } from '../../contract/errors.ts';
import { reasons } from '../../contract/view.ts';
import type { Project } from '../db/open.ts';
import { openDisagreements } from '../raters/disagreements.ts';
import type { Sight } from '../labels/visibility.ts';

/** Images in the order they are brought, each with its reason. */
export interface Queue {
  readonly ids: Int32Array;
  readonly reasons: Uint8Array;
}
export type Reason = (typeof reasons)[number];

export const queueOf = (ids: readonly number[], reason: Reason): Queue => ({
  ids: Int32Array.from(ids),
  reasons: new Uint8Array(ids.length).fill(reasons.indexOf(reason)),
});

/** Uniform in 0..1 and the same each time it is asked for: by the content of an image and what it is drawn for. */
export const placeOf = (stream: string, hash: string): number =>
  createHash('sha256').update(`${stream} ${hash}`).digest().readUIntBE(0, 6) / 2 ** 48;

export function inRandomOrder({ id: project }: Project, images: readonly { id: number; hash: string }[]): number[] {
  return images
    .map(({ id, hash }) => ({ id, place: placeOf(`queue ${project}`, hash) }))
    .sort((a, b) => a.place - b.place || a.id - b.id)
    .map(({ id }) => id);
}

/** Readable images of a side of which the rater has said nothing, and, where they may see it, nobody else has. */
export function unsaid(db: Database.Database, eyes: Sight, side: 'training' | 'check'): { id: number; hash: string }[] {
  return db
    .prepare<[object], { id: number; hash: string }>(
      `SELECT id, hash FROM image WHERE role = 'main' AND state = 'ok' AND side = @side
         AND id NOT IN (SELECT image FROM label_now WHERE ${eyes.raters('rater')})`,
    )
    .all({ side, rater: eyes.rater });
}

/** The lists that want an answer; they need to know nothing of what images look like. */
export function listed(project: Project, eyes: Sight, queue: string): Queue {
  const { db } = project;
  switch (queue) {
    case 'unsure':
      return queueOf(
        db
          .prepare<[string], number>(`SELECT image FROM label WHERE kind = 'unsure' AND rater = ? ORDER BY seq`)
          .pluck()
          .all(eyes.rater),
        'unsure',
      );
    case 'disagreements':
      return queueOf(eyes.blind ? [] : openDisagreements(db), 'disagree');
    case 'second':
      return queueOf(
        db
          .prepare<[object], number>(
            `SELECT blind_image.image FROM blind_image
             LEFT JOIN label ON label.image = blind_image.image AND label.rater = @rater
             WHERE session = @session ORDER BY label.image IS NOT NULL, position`,
          )
          .pluck()
          .all({ rater: eyes.rater, session: eyes.session ?? -1 }),
        'none',
      );
    default:
      throw new AppError('view.notReady');
  }
}
