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

export const isRight = (image: Scored['images'][number], arm: ArmName): boolean => image[arm].called === image.class;

/** Which of the two models alone names an image correctly; null where both do or neither. */
export function onlyRight(image: Scored['images'][number]): ArmName | null {
  const [plain, adapted] = [isRight(image, 'plain'), isRight(image, 'adapted')];
  return plain === adapted ? null : plain ? 'plain' : 'adapted';
}

/** Whole images per cell: rows true, columns called. */
export const confusionOf = (images: Scored['images'], classes: number, arm: ArmName): number[][] =>
  sumsOf(images, classes, arm, () => 1);

/** Weights per cell, and their squares, where check images are weighted. */
export function weightsOf(
  images: Scored['images'],
  classes: number,
  arm: ArmName,
): { sums: number[][]; squares: number[][] } | null {
  if (images.every(({ weight }) => weight === undefined)) return null;
  return {
    sums: sumsOf(images, classes, arm, weightOf),
    squares: sumsOf(images, classes, arm, (image) => weightOf(image) ** 2),
  };
}

/** What an image counts for in a share. */
export const weightOf = ({ weight }: Pick<Scored['images'][number], 'weight'>): number => weight ?? 1;

function sumsOf(
  images: Scored['images'],
  classes: number,
  arm: ArmName,
  value: (image: Scored['images'][number]) => number,
): number[][] {
  const sums = Array.from({ length: classes }, () => Array.from({ length: classes }, () => 0));
  for (const image of images) sums[image.class]![image[arm].called]! += value(image);
  return sums;
}
