import { shuffled } from './shuffled.ts';

/** Beyond what is asked for, a share for images that turn out to be unreadable. */
const spare = 0.05;

/**
 * The images an adaptation may learn from, at random: no more of a large library than it can use, as all of them are
 * decoded. Which depends on each id and the seed alone.
 */
export function learnedFrom(images: readonly number[], { most, seed }: { most: number; seed: number }): number[] {
  const count = Math.ceil(most * (1 + spare));
  if (images.length <= count) return [...images];
  return shuffled(images, `adaptation ${seed}`)
    .slice(0, count)
    .sort((a, b) => a - b);
}
