import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { AppError } from '../../contract/errors.ts';
import { scoredSchema, type ArmName, type Scored } from '../../contract/run-files.ts';
import { readRunJson } from '../../files/run-json.ts';
import type { Project } from '../db/open.ts';

/**
 * The check images of a run and what they were called.
 * @throws AppError `run.noScored` for a run from before such lists were kept
 */
export async function readScored({ paths }: Project, run: string): Promise<Scored['images']> {
  const file = join(paths.runs, run, 'scored.json');
  if (!existsSync(file)) throw new AppError('run.noScored', { run });
  return (await readRunJson(file, scoredSchema)).images;
}

/** Which of the two models alone names an image correctly; null where both do or neither. */
export function onlyRight(image: Scored['images'][number]): ArmName | null {
  const [plain, adapted] = [image.plain.called === image.class, image.adapted.called === image.class];
  return plain === adapted ? null : plain ? 'plain' : 'adapted';
}

/** Whole images per cell: rows true, columns called. */
export function confusionOf(images: Scored['images'], classes: number, arm: ArmName): number[][] {
  const counts = Array.from({ length: classes }, () => Array.from({ length: classes }, () => 0));
  for (const image of images) counts[image.class]![image[arm].called]! += 1;
  return counts;
}
