import { groupPattern } from '../group-pattern.ts';

/** Of the names, how many a pattern must fit. */
const leastShare = 0.9;
/** Fewer images in each than this on average are names, not groups. */
const leastEach = 2;
const sampleSize = 5000;

/**
 * A pattern over names that would give groups, such as `P{group}_*`: a part of the name, or a folder, that is a letter
 * or word and a number and comes again and again. Null where nothing looks like it.
 * @param classDepth number of leading folders that hold the class
 */
export function suggestPattern(images: readonly string[], classDepth: number): string | null {
  const step = Math.max(1, Math.floor(images.length / sampleSize));
  const sample = images.filter((_, i) => i % step === 0);
  if (sample.length < 4) return null;
  return [...byFolder(sample, classDepth), ...byName(sample)].find((pattern) => fits(pattern, sample)) ?? null;
}

/** Images in folders of their patient, below those of the classes. */
function byFolder(sample: readonly string[], classDepth: number): string[] {
  const depth = sample[0]?.split('/').length ?? 1;
  if (depth - 1 <= classDepth || !sample.every((file) => file.split('/').length === depth)) return [];
  return [`${'*/'.repeat(classDepth)}{group}/*`];
}

/** Parts of the name: `P07_s2_0113` has three, of which the first repeats. */
function byName(sample: readonly string[]): string[] {
  const patterns: string[] = [];
  const names = sample.map((file) => file.slice(file.lastIndexOf('/') + 1).replace(/\.[^.]+$/, ''));
  for (const separator of ['_', '-', ' ']) {
    const parts = names.map((name) => name.split(separator));
    const fewest = parts.reduce((least, { length }) => Math.min(least, length), Infinity);
    // The last part counts the images of a group.
    for (let place = 0; place < Math.min(fewest - 1, 3); place++) {
      const found = parts.map((part) => /^([A-Za-z]*)\d+$/.exec(part[place] as string));
      const matched = found.filter((match) => match !== null);
      if (matched.length < sample.length * leastShare) continue;
      const prefixes = new Set(matched.map(([, letters = '']) => letters));
      const prefix = prefixes.size === 1 ? ([...prefixes][0] as string) : '';
      patterns.push(`${place === 0 ? '' : `*${separator}`}${prefix}{group}${separator}*`);
    }
  }
  return patterns;
}

function fits(pattern: string, sample: readonly string[]): boolean {
  const groupOf = groupPattern(pattern);
  const groups = sample.map(groupOf).filter((group) => group !== null);
  const distinct = new Set(groups).size;
  return groups.length >= sample.length * leastShare && distinct >= 2 && groups.length >= distinct * leastEach;
}
