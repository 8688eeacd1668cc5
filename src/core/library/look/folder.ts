import type { Look, Unreadable } from '../../../contract/library.ts';
import { makeGrouping, type GroupSource } from '../grouping.ts';
import { folderClasses, guessLayout, type ClassOf } from '../layout.ts';
import { scanFolder } from '../scan.ts';
import { notImages } from './heads.ts';
import { isImageName, othersOf } from './names.ts';
import { suggestPattern } from './pattern.ts';
import { describeTable, findTables, type FoundTable } from './tables.ts';
import { folderWarnings } from './warnings.ts';

/** What the import page has chosen so far. */
export interface FolderQuestion {
  readonly folder: string;
  readonly labels: string | null;
  readonly columns: { readonly file?: string; readonly label?: string; readonly rater?: string };
  readonly groups: string | null;
  readonly reportBy: readonly string[];
  readonly layout: Look['layout'] | null;
  readonly folders: Readonly<Record<string, 'class' | 'ignore' | 'none'>>;
}

/** What names and tables tell of a folder, before a picture is opened. */
export interface FolderFacts extends Pick<
  Look,
  'files' | 'images' | 'others' | 'layout' | 'classes' | 'tables' | 'groups' | 'suggestedPattern' | 'warnings'
> {
  /** Images to open for a closer look, spread over the folder. */
  readonly sample: readonly string[];
  readonly unreadable: readonly Unreadable[];
}

const sampleSize = 24;
const mostSizes = 20;

/**
 * Looks at a folder by names and tables alone.
 * @throws AppError `folder.missing`, `folder.unreadable`, `folder.empty`, `labels.*`, `groups.*`
 */
export function folderFacts(question: FolderQuestion): FolderFacts {
  const { folder, folders } = question;
  const { files: found, outside } = scanFolder(folder);
  const files = found.map(({ file }) => file);
  const byName = files.filter(isImageName);
  const broken = notImages(folder, byName);
  const isBroken = new Set(broken.map(({ file }) => file));
  const images = byName.filter((file) => !isBroken.has(file));
  const links = outside.filter(({ file }) => isImageName(file));
  const named = question.labels === null ? null : { file: question.labels, columns: question.columns };
  const tables = findTables(folder, files, images, named);
  const table = tableInUse(question, tables, images.length);
  const layout = question.layout ?? (table?.columns.label ? 'labels-file' : guessLayout(images));
  const classOf = folderClasses(images);
  const kept = images.filter((file) => layout !== 'class-per-folder' || folders[classOf(file) ?? ''] !== 'ignore');
  const grouping = makeGrouping(
    question,
    table ? { table: table.table, columns: table.columns, imageOf: table.rowOf } : null,
  );
  const labelOf = labels(layout, table, classOf);
  return {
    files: files.length + outside.length,
    images: byName.length + links.length,
    others: othersOf(files),
    layout,
    classes: classCounts(images, labelOf, folders),
    tables: tables.map(describeTable),
    groups: grouping.keepApart ? groupCounts(kept, grouping.keepApart) : null,
    suggestedPattern: grouping.keepApart ? null : suggestPattern(images, layout === 'class-per-folder' ? 1 : 0),
    warnings: folderWarnings(kept, labelOf, grouping),
    sample: spread(images, sampleSize),
    unreadable: [
      ...broken,
      ...links.map(({ file, bytes }) => ({
        file,
        bytes,
        code: 'outside-folder',
        reason: 'a link that leads out of the folder; it is not followed',
      })),
    ],
  };
}

/** The table that is named, else the first that names most of the images. */
function tableInUse(
  { labels, layout }: FolderQuestion,
  tables: readonly FoundTable[],
  images: number,
): FoundTable | null {
  const [first] = tables;
  if (!first) return null;
  if (labels !== null) return first;
  return (layout === null || layout === 'labels-file') && first.matched * 2 >= images ? first : null;
}

function labels(layout: Look['layout'], table: FoundTable | null, classOf: ClassOf): ClassOf {
  if (layout === 'class-per-folder') return classOf;
  const column = table?.columns.label;
  if (layout === 'flat' || !table || !column) return () => null;
  return (file) => table.rowOf.get(file)?.[column] || null;
}

function classCounts(images: readonly string[], labelOf: ClassOf, folders: FolderQuestion['folders']): Look['classes'] {
  const counts = new Map<string, number>();
  for (const file of images) {
    const name = labelOf(file);
    if (name !== null) counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  return [...counts]
    .sort(([a], [b]) => a.localeCompare(b, 'en', { numeric: true }))
    .map(([name, count]) => ({ name, images: count, as: folders[name] ?? 'class' }));
}

function groupCounts(images: readonly string[], source: GroupSource): NonNullable<Look['groups']> {
  const sizes = new Map<string, number>();
  let unmatched = 0;
  let example: { file: string; group: string } | null = null;
  for (const file of images) {
    const group = source.of(file);
    if (group === null) {
      unmatched++;
      continue;
    }
    example ??= { file, group };
    sizes.set(group, (sizes.get(group) ?? 0) + 1);
  }
  return {
    source: source.name,
    count: sizes.size,
    unmatched,
    example,
    sizes: [...sizes]
      .map(([name, count]) => ({ name, images: count }))
      .sort((a, b) => b.images - a.images)
      .slice(0, mostSizes),
  };
}

const spread = <T>(values: readonly T[], count: number): T[] => {
  const many = Math.min(count, values.length);
  return Array.from({ length: many }, (_, i) => values[Math.floor((i * values.length) / many)] as T);
};
