import { AppError } from '../../contract/errors.ts';
import { FileMatcher, understandColumns } from './columns.ts';
import { makeGrouping, type Grouping } from './grouping.ts';
import { readLabelTable } from './label-file.ts';
import { folderLabels, noneOfThese, tableLabels, type FoundLabel } from './labelling.ts';
import { folderClasses, guessLayout, type ClassOf } from './layout.ts';
import { isImageName } from './look/names.ts';
import type { ImportSetting } from './paths.ts';

export interface Understood {
  readonly grouping: Grouping;
  /** Rows of the label file whose image is not in the folder. */
  readonly missing: { readonly rows: number; readonly first: string | null };
  /** A file of a folder that is to be left out. */
  isIgnored(file: string): boolean;
  labels(readable: readonly string[]): FoundLabel[];
}

/**
 * What the names and the label file of an import say, before an image is read.
 * @throws AppError `labels.*`, `groups.*`
 */
export function understand(setting: ImportSetting, files: readonly string[]): Understood {
  let known: ClassOf | undefined;
  // Not made where nobody asks: a look through a million paths.
  const classOf: ClassOf = (file) => {
    if (!known) {
      const named = files.filter(isImageName);
      known = folderClasses(named.length > 0 ? named : files);
    }
    return known(file);
  };
  const asClass = (file: string): string => setting.folders[classOf(file) ?? ''] ?? 'class';
  const byFolder = setting.labels === null || setting.layout === 'class-per-folder';
  const ignores = byFolder && Object.values(setting.folders).includes('ignore');
  const isIgnored = (file: string): boolean => ignores && asClass(file) === 'ignore';
  const folders = (readable: readonly string[]): FoundLabel[] => {
    const layout = setting.layout ?? guessLayout(readable);
    if (layout !== 'class-per-folder') return [];
    return folderLabels(readable, valueOf(classOf, asClass));
  };
  const asked = { groups: setting.groups, reportBy: setting.reportBy };
  if (setting.labels === null) {
    if (setting.layout === 'labels-file') throw new AppError('labels.fileMissing', { file: '--labels' });
    return {
      grouping: makeGrouping(asked, null),
      missing: { rows: 0, first: null },
      isIgnored,
      labels: folders,
    };
  }
  const table = readLabelTable(setting.labels);
  const matcher = new FileMatcher(files.filter((file) => file !== setting.labels));
  const columns = understandColumns(table, setting.columns, matcher, { file: setting.labels, folder: setting.folder });
  const imageOf = new Map<string, Readonly<Record<string, string>>>();
  const lost: string[] = [];
  for (const row of table.rows) {
    const cell = row[columns.file] ?? '';
    const file = matcher.find(cell);
    if (file === null) lost.push(cell);
    else if (!imageOf.has(file)) imageOf.set(file, row);
  }
  const found = byFolder ? [] : tableLabels(table, columns, (cell) => matcher.find(cell));
  return {
    grouping: makeGrouping(asked, { table, columns, imageOf }),
    missing: { rows: lost.length, first: lost[0] ?? null },
    isIgnored,
    labels: (readable) => {
      if (byFolder) return folders(readable);
      const known = new Set(readable);
      return found.filter(({ file }) => known.has(file));
    },
  };
}

const valueOf =
  (classOf: ClassOf, asClass: (file: string) => string): ClassOf =>
  (file) =>
    asClass(file) === 'none' ? noneOfThese : classOf(file);
