import { AppError } from '../../contract/errors.ts';
import type { LabelTable } from './label-file.ts';

export interface Columns {
  readonly file: string;
  readonly label: string | null;
  readonly rater: string | null;
  /** Columns that look like groups, the one to keep apart first. */
  readonly groups: readonly string[];
}

const labelNames =
  /^(labels?|class(es)?|class_?name|category|diagnosis|target|species|cell_?type|type|klasse|befund|dx)$/i;
const raterNames = /^(rater|annotator|reader|observer|reviewer|labell?er|user|expert)(_?(id|name))?$/i;
/** In the order of what is to be kept apart. */
const groupNames = [
  /^(patient|subject|case|donor|participant|person|animal|mouse)(_?(id|nr|no|number|name))?$/i,
  /^(groups?|cluster)(_?(id|name))?$/i,
  /^(slide|plate|well|specimen|sample|batch|lot|tray|site_visit)(_?(id|nr|no|number|name))?$/i,
  /^(scanner|stain|staining|site|hospital|cent(er|re)|device|microscope|camera)(_?(id|name))?$/i,
];

/** Finds rows' images by path, else by name, else by name without ending; a name that fits two images fits none. */
export class FileMatcher {
  readonly #keys = [
    new Map<string, string | null>(),
    new Map<string, string | null>(),
    new Map<string, string | null>(),
  ];

  constructor(files: readonly string[]) {
    for (const file of files) {
      keysOf(file).forEach((key, kind) => {
        const keys = this.#keys[kind];
        keys?.set(key, keys.has(key) ? null : file);
      });
    }
  }

  find(cell: string): string | null {
    const wanted = keysOf(cell.replaceAll('\\', '/').replace(/^\.?\//, ''));
    // An absolute path, or one with more folders above, ends like the image's own.
    for (let path = wanted[0] as string; path; path = path.slice(path.indexOf('/') + 1)) {
      const found = this.#keys[0]?.get(path);
      if (found) return found;
      if (!path.includes('/')) break;
    }
    return this.#keys[1]?.get(wanted[1] as string) ?? this.#keys[2]?.get(wanted[2] as string) ?? null;
  }
}

function keysOf(file: string): string[] {
  const path = file.normalize('NFC');
  const name = path.slice(path.lastIndexOf('/') + 1);
  return [path, name, name.replace(/\.[^.]+$/, '')];
}

/**
 * Which column is what. Named ones are taken; the rest is guessed from names and values.
 * @throws AppError `labels.columnMissing`, `labels.noFileColumn`
 */
export function understandColumns(
  table: LabelTable,
  named: { file?: string | undefined; label?: string | undefined; rater?: string | undefined },
  matcher: FileMatcher,
  context: { file: string; folder: string },
): Columns {
  const columns = table.columns.join(', ');
  for (const name of [named.file, named.label, named.rater]) {
    if (name !== undefined && !table.columns.includes(name)) {
      throw new AppError('labels.columnMissing', { column: name, columns });
    }
  }
  const file = named.file ?? bestFileColumn(table, matcher);
  if (file === null || !table.rows.some((row) => matcher.find(row[file] ?? ''))) {
    throw new AppError('labels.noFileColumn', { ...context, columns });
  }
  const others = table.columns.filter((name) => name !== file && name !== named.label && name !== named.rater);
  const rater = named.rater ?? others.find((name) => raterNames.test(name)) ?? null;
  const groups = groupNames.flatMap((pattern) => others.filter((name) => name !== rater && pattern.test(name)));
  const label =
    named.label ??
    others.find((name) => labelNames.test(name)) ??
    others.find((name) => name !== rater && !groups.includes(name) && looksLikeLabels(table, name)) ??
    null;
  return { file, label, rater, groups: groups.filter((name) => name !== label) };
}

function bestFileColumn(table: LabelTable, matcher: FileMatcher): string | null {
  const sample = sampled(table.rows, 500);
  let best: string | null = null;
  let most = 0;
  for (const name of table.columns) {
    const hits = sample.filter((row) => matcher.find(row[name] ?? '') !== null).length;
    if (hits > most) [best, most] = [name, hits];
  }
  return best;
}

/** Spread over the table: files that are there may come late in it. */
function sampled<T>(rows: readonly T[], count: number): T[] {
  const step = Math.max(1, Math.floor(rows.length / count));
  return rows.filter((_, i) => i % step === 0);
}

function looksLikeLabels(table: LabelTable, name: string): boolean {
  const values = table.rows.map((row) => row[name] ?? '').filter((value) => value !== '');
  const distinct = new Set(values);
  const areNumbers = [...distinct].every((value) => /^-?\d*[.,]\d+$/.test(value));
  return distinct.size >= 2 && distinct.size <= 100 && distinct.size * 2 <= values.length && !areNumbers;
}
