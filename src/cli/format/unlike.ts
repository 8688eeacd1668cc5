import type { PredictionSummary } from '../../contract/runs.ts';
import { count, wholePercent } from './numbers.ts';

const percent = (share: number): string => `${wholePercent(share)} %`;

/**
 * What is unlike the training images, and what to do where that is far more than usual.
 * @param isOther the images are of another folder
 */
export function unlikeLines(
  { unlike, images: all }: Pick<PredictionSummary, 'unlike' | 'images'>,
  isOther: boolean,
): string[] {
  if (unlike === null) return [];
  const { labels, told } = unlike;
  if (told === null) return [`Too few training images (${count(labels)}) to tell which images are unlike them.`];
  const { images, usual, isFar } = told;
  if (images === 0) return [];
  const share = percent(images / Math.max(1, all));
  if (isFar && isOther) {
    return [
      `${share} of these images look unlike your training images (usual: ${percent(usual.share)}); the column unlike says which. Another scanner or stain? Check 30 before you rely on it.`,
    ];
  }
  return [
    `${count(images)} look unlike anything you labelled (${share}, usual: ${percent(usual.share)}); the column unlike says which.`,
  ];
}
