import { seeded } from '../map/random.ts';

/** Beyond what is asked for, a share for images that turn out to be unreadable. */
const spare = 0.05;

/**
 * The images an adaptation may learn from, at random: no more of a large library than it can use, as all of them are
 * decoded. Which depends on each id and the seed alone. A plan asks each time a setting changes, of a million images too.
 */
export function learnedFrom(images: readonly number[], { most, seed }: { most: number; seed: number }): number[] {
  const count = Math.ceil(most * (1 + spare));
  if (images.length <= count) return [...images];
  const from = Math.imul(seed + 1, 0x9e3779b1);
  // The upper bits scatter, the lower ones carry the id.
  const keys = Float64Array.from(images, (id) => Math.floor(seeded(from + id)() * 2 ** 21) * 2 ** 31 + id).sort();
  return Array.from(keys.subarray(0, count), (key) => key % 2 ** 31).sort((a, b) => a - b);
}
