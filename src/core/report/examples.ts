import { AppError } from '../../contract/errors.ts';
import type { ArmName } from '../../contract/run-files.ts';
import { confusedCells } from '../../findings/classes.ts';
import type { Project } from '../db/open.ts';
import { confusionOf, readScored } from '../results/scored.ts';
import type { Pictures } from '../thumbnails/pictures.ts';

/** Enough to see what kind of images is confused; a report is no archive. */
const mostCells = 12;
const mostPerCell = 6;

/** An example image: of which cell of the confusions, what it is called, and the picture itself as an address. */
export interface Picture {
  readonly truth: number;
  readonly called: number;
  readonly probability: number;
  readonly file: string;
  readonly address: string;
}

/**
 * Images behind the confusions, most frequent first, and those named correctly of each class; the surest of each. What
 * cannot be read is left out.
 */
export async function examples(
  project: Project,
  run: string,
  { arm, classes }: { readonly arm: ArmName; readonly classes: number },
  pictures: Pictures,
  signal: AbortSignal,
): Promise<Picture[]> {
  const scored = await readScored(project, run);
  const wrong = confusedCells(confusionOf(scored, classes, arm)).slice(0, mostCells);
  const right = Array.from({ length: classes }, (_, index) => ({ truth: index, called: index }));
  const fileOf = project.db.prepare<[number], string>(`SELECT file FROM image WHERE id = ?`).pluck();
  const found: Picture[] = [];
  for (const { truth, called } of [...wrong, ...right]) {
    const images = scored
      .filter((image) => image.class === truth && image[arm].called === called)
      .toSorted((a, b) => b[arm].probability - a[arm].probability)
      .slice(0, mostPerCell);
    for (const image of images) {
      const picture = await pictures.read(project, image.image, 'thumb', signal).catch((error: unknown) => {
        if (error instanceof AppError) return null;
        throw error;
      });
      if (picture === null) continue;
      const address = `data:${picture.type};base64,${Buffer.from(picture.bytes).toString('base64')}`;
      const { probability } = image[arm];
      found.push({ truth, called, probability, file: fileOf.get(image.image) ?? '', address });
    }
  }
  return found;
}
