import type { Project } from '../db/open.ts';
import { awaitsOwnWord, type Sight } from '../labels/visibility.ts';
import { keyText } from '../thumbnails/keys.ts';
import { nearestImages } from './near.ts';

export interface LabelledNeighbour {
  readonly image: number;
  readonly key: string;
  readonly class: number;
}

/**
 * The labelled training images that look most like an image, nearest first: what it may be compared with while one is
 * in doubt. None for a blind rater, nor for a check image that is still to be labelled, which must get a word of its
 * own.
 */
export async function nearestLabelled(
  project: Project,
  { rater, blind }: Sight,
  image: number,
  most: number,
): Promise<LabelledNeighbour[]> {
  const { db } = project;
  if (blind || awaitsOwnWord(db, rater, image)) return [];
  const labelled = new Map(
    db
      .prepare<[number], [number, number]>(
        `SELECT counting_label.image, class_id FROM counting_label JOIN image ON image.id = counting_label.image
         WHERE side = 'training' AND state = 'ok' AND image.id <> ?`,
      )
      .raw()
      .all(image),
  );
  const found = await nearestImages(project, image, most, [...labelled.keys()]);
  return found.map((id) => ({ image: id, key: keyText(project.id, id), class: labelled.get(id)! }));
}
