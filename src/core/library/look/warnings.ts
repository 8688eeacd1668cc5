import type { ImageFacts } from '../../../images/types.ts';
import type { Grouping, GroupSource } from '../grouping.ts';
import type { ClassOf } from '../layout.ts';

const fewGroups = 5;
/** What a column keeps apart, in the word of whoever named it. */
const words: readonly (readonly [RegExp, string])[] = [
  [/patient/i, 'patients'],
  [/subject|participant|person/i, 'subjects'],
  [/donor/i, 'donors'],
  [/animal/i, 'animals'],
  [/slide/i, 'slides'],
  [/plate/i, 'plates'],
];

/** What can be said of classes and groups before anything is imported. */
export function folderWarnings(images: readonly string[], labelOf: ClassOf, grouping: Grouping): string[] {
  const { keepApart, reportBy } = grouping;
  return [
    ...(keepApart ? tooFewGroups(images, keepApart) : []),
    ...(keepApart ? confounded(images, labelOf, keepApart, oneGroup) : []),
    ...reportBy.flatMap((source) => confounded(images, labelOf, source, oneValue)),
  ];
}

const oneGroup = (name: string, value: string): string =>
  `Every ${name} comes from group ${value}. It can be learned, but nobody can tell whether it would be recognised in another.`;
const oneValue = (name: string, value: string, column: string): string =>
  `Every ${name} comes from ${column} ${value}: it may be learning the ${column}.`;

function tooFewGroups(images: readonly string[], { name, of }: GroupSource): string[] {
  const count = new Set(images.map(of).filter((group) => group !== null)).size;
  if (count === 0 || count >= fewGroups) return [];
  const word = words.find(([pattern]) => pattern.test(name))?.[1] ?? 'groups';
  return [`Only ${count} ${word}: nobody can tell how it does on a new one.`];
}

/** A class that comes from one value only, where there are several, may be recognised by that instead. */
function confounded(
  images: readonly string[],
  labelOf: ClassOf,
  { name: column, of }: GroupSource,
  sentence: (name: string, value: string, column: string) => string,
): string[] {
  const valuesOf = new Map<string, Set<string>>();
  const all = new Set<string>();
  for (const file of images) {
    const [label, value] = [labelOf(file), of(file)];
    if (value === null) continue;
    all.add(value);
    if (label === null) continue;
    const values = valuesOf.get(label);
    if (values) values.add(value);
    else valuesOf.set(label, new Set([value]));
  }
  if (all.size < 2) return [];
  return [...valuesOf]
    .filter(([, values]) => values.size === 1)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, values]) => sentence(name, [...values][0] as string, column));
}

/** How pictures are shown that hold more than a page shows: which range, which page. */
export function pictureWarnings(sample: readonly ImageFacts[]): string[] {
  const deepest = Math.max(0, ...sample.map(({ bits }) => bits));
  const hasPages = sample.some(({ type, pages }) => type === 'tiff' && pages > 1);
  const hasFrames = sample.some(({ type, pages }) => type !== 'tiff' && pages > 1);
  return [
    ...(deepest > 8 ? [`Some images have ${deepest} bits; each is shown over its own range of values.`] : []),
    ...(hasPages ? ['Some files have several pages; the first is used.'] : []),
    ...(hasFrames ? ['Some images are animated; the first picture is used.'] : []),
  ];
}
