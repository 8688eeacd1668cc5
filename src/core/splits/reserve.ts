import { createHash } from 'node:crypto';

/** Share of groups (or of images) that is reserved for checking. */
export const checkShare = 0.2;
const leastGroups = 5;
const leastGroupsFrom = 10;
const leastImages = 30;
const mostImages = 2000;

/** What goes to one side as a whole: a group, or an image with its duplicates. */
export interface Unit {
  /** Stable name: the group's, or the content hash of the family's first image. */
  readonly key: string;
  /** What it counts for against the target: 1 for a group, its images otherwise. */
  readonly size: number;
}

/** Groups to reserve out of n. */
export function groupTarget(groups: number): number {
  if (groups < 2) return 0;
  const share = Math.max(1, Math.round(groups * checkShare));
  return groups >= leastGroupsFrom ? Math.max(leastGroups, share) : share;
}

/** Images to reserve out of n where there are no groups. Never more than half: something must be left to learn from. */
export function imageTarget(images: number): number {
  const wanted = Math.min(mostImages, Math.max(leastImages, Math.round(images * checkShare)));
  return Math.min(wanted, Math.floor(images / 2));
}

/** Place of a unit in the random order of a seed: 52 bits in [0, 1). */
export function drawOf(seed: number, key: string): number {
  const digest = createHash('sha256').update(`check side ${seed} ${key}`).digest();
  return (digest.readUInt32BE(0) * 2 ** 20 + (digest.readUInt32BE(4) >>> 12)) / 2 ** 52;
}

/**
 * Which of the new units are reserved, so that all reserved ones together come to the target. The order is random
 * by the seed and the units' own keys, and knows nothing of classes.
 * @param reserved size of what is reserved already
 */
export function reserve(units: readonly Unit[], seed: number, reserved: number, target: number): Set<string> {
  const order = units.map((unit) => ({ unit, draw: drawOf(seed, unit.key) })).sort((a, b) => a.draw - b.draw);
  const chosen = new Set<string>();
  let size = reserved;
  for (const { unit } of order) {
    if (size >= target) break;
    // A family of hundreds of copies would fill the check side with one picture.
    if (unit.size > 1 && unit.size > target / 4) continue;
    chosen.add(unit.key);
    size += unit.size;
  }
  return chosen;
}
