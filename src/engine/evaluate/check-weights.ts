import type { Manifest } from '../../contract/run-files.ts';

/**
 * How much each scored image counts: the drawn ones by the inverse of how likely they were to be drawn (Hájek 1971),
 * with mean 1, and those that nobody drew 1 each, so that either part has the say of its number of images
 * (docs/decisions/0008-weights-of-check-images.md).
 *
 * @returns null where all that were drawn were as likely to be: then nothing is weighted
 */
export function checkWeights(images: ArrayLike<number>, drawn: Manifest['drawn'] = []): Float64Array | null {
  const probabilities = new Map(drawn.map(({ image, probability }) => [image, probability]));
  const inverse = Array.from(images, (image) => {
    const probability = probabilities.get(image);
    return probability === undefined ? null : 1 / probability;
  });
  const present = inverse.filter((value) => value !== null);
  if (present.every((value) => value === present[0])) return null;
  const mean = present.reduce((total, value) => total + value, 0) / present.length;
  return Float64Array.from(inverse, (value) => (value === null ? 1 : value / mean));
}

/** Number of images that, counted alike, would tell as much: (Σw)² / Σw² (Kish 1965). */
export function effectiveImages(weights: Float64Array): number {
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  return total ** 2 / weights.reduce((sum, weight) => sum + weight ** 2, 0);
}
