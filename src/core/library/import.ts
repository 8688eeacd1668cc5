import { existsSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import type Database from 'better-sqlite3';
import { AppError } from '../../contract/errors.ts';
import type { ImportInput, LibrarySummary } from '../../contract/library.ts';
import type { Progress } from '../../contract/progress.ts';
import type { ImagePool } from '../../images/pool.ts';
import { appendAudit } from '../audit/log.ts';
import { transact } from '../db/errors.ts';
import { isInside, resolvedPath } from '../db/file-system.ts';
import type { Project } from '../db/open.ts';
import { assignSides } from '../splits/assign.ts';
import { FileMatcher, understandColumns } from './columns.ts';
import { findFamilies, type Look } from './families.ts';
import { makeGrouping, writeGroups, type Grouping } from './grouping.ts';
import { readLabelTable } from './label-file.ts';
import { folderLabels, importLabels, tableLabels, type FoundLabel } from './labelling.ts';
import { folderClasses, guessLayout } from './layout.ts';
import { readImportSetting, readSetting, writeSetting, type ImportSetting } from './paths.ts';
import { readImages, type ReadCounts } from './read.ts';
import { scanFolder, type Scan } from './scan.ts';
import { keptSchema, summarize } from './summary.ts';

export interface ImportContext {
  readonly pool: ImagePool;
  readonly signal?: AbortSignal;
  progress(progress: Progress): void;
}

/**
 * Checks that can be made before a project exists, so that wrong input leaves nothing behind.
 * @returns input with absolute, resolved paths
 * @throws AppError `folder.missing`, `folder.empty`, `folder.overlap`, `project.insideImages`, `labels.fileMissing`
 */
export function checkImportInput(input: ImportInput): ImportInput {
  const folder = existingFolder(input.folder);
  const unlabelled = input.unlabelled === undefined ? undefined : existingFolder(input.unlabelled);
  const project = resolvedPath(resolve(input.project));
  for (const images of unlabelled === undefined ? [folder] : [folder, unlabelled]) {
    if (isInside(project, images) || isInside(images, project)) {
      throw new AppError('project.insideImages', { project, folder: images });
    }
  }
  if (unlabelled !== undefined && (isInside(unlabelled, folder) || isInside(folder, unlabelled))) {
    throw new AppError('folder.overlap', { folder, unlabelled });
  }
  const { files, outside } = scanFolder(folder);
  if (!files.length && !outside.length) throw new AppError('folder.empty', { folder });
  const labels = input.labels === undefined ? undefined : resolve(input.labels);
  if (labels !== undefined && !existsSync(labels)) throw new AppError('labels.fileMissing', { file: labels });
  return {
    ...input,
    folder,
    project,
    ...(unlabelled === undefined ? {} : { unlabelled }),
    ...(labels === undefined ? {} : { labels }),
  };
}

function existingFolder(folder: string): string {
  const path = resolvedPath(resolve(folder));
  if (!existsSync(path) || !statSync(path).isDirectory()) throw new AppError('folder.missing', { folder });
  return path;
}

/**
 * Brings a project in line with its folders: new, changed and gone images, groups, the check side, imported labels.
 * Can be repeated, and continues where an interrupted one stopped.
 * @param input as `checkImportInput` returned it
 */
export async function importLibrary(
  project: Project,
  input: ImportInput,
  context: ImportContext,
): Promise<LibrarySummary> {
  const started = performance.now();
  const { db } = project;
  const setting = mergeSetting(readImportSetting(db), input);
  const scans = {
    main: scanFolder(setting.folder),
    adaptOnly: setting.unlabelled ? scanFolder(setting.unlabelled) : null,
  };
  const files = scans.main.files.map(({ file }) => file);
  // Understood before anything is read: a wrong column is told at once.
  const labelled = understandLabels(setting, files);
  assertGroupsMatch(setting, labelled.grouping, files);
  transact(db, () => writeSetting(db, 'import', setting));

  const counts = await readAll(db, setting, scans, context);
  const readable = readableFiles(db);
  assertReadable(db, setting.folder, readable);
  writeFamilies(db);
  const moved = writeGroups(db, labelled.grouping);
  const keepApart = labelled.grouping.keepApart?.name ?? null;
  assignSides(db, setting.seed, { moved, redefined: isRedefined(db, keepApart) });
  importLabels(db, labelled.labels(readable));
  transact(db, () => {
    writeSetting(db, 'summary', { keepApart, missing: labelled.missing });
    appendAudit(db, 'import', { ...counts, images: readable.length });
  });
  return summarize(project, { counts, seconds: (performance.now() - started) / 1000 });
}

/** Whether groups are told in another way than at the import before. */
function isRedefined(db: Database.Database, keepApart: string | null): boolean {
  const kept = keptSchema.optional().parse(readSetting(db, 'summary'));
  return kept !== undefined && kept.keepApart !== keepApart;
}

function mergeSetting(known: ImportSetting | undefined, input: ImportInput): ImportSetting {
  if (known && known.folder !== input.folder && existsSync(known.folder)) {
    throw new AppError('folder.other', { known: known.folder, folder: input.folder });
  }
  return {
    folder: input.folder,
    unlabelled: input.unlabelled ?? known?.unlabelled ?? null,
    labels: input.labels ?? known?.labels ?? null,
    columns: withoutUndefined(input.columns ?? known?.columns ?? {}),
    groups: input.groups ?? known?.groups ?? null,
    reportBy: input.reportBy ?? known?.reportBy ?? [],
    layout: input.layout ?? known?.layout ?? null,
    // The seed of the check side is fixed by the first import.
    seed: known?.seed ?? input.seed,
  };
}

function withoutUndefined(columns: NonNullable<ImportInput['columns']>): ImportSetting['columns'] {
  const { file, label, rater } = columns;
  return { ...(file && { file }), ...(label && { label }), ...(rater && { rater }) };
}

interface Understood {
  readonly grouping: Grouping;
  /** Rows of the label file whose image is not in the folder. */
  readonly missing: { readonly rows: number; readonly first: string | null };
  labels(readable: readonly string[]): FoundLabel[];
}

function understandLabels(setting: ImportSetting, files: readonly string[]): Understood {
  const asked = { groups: setting.groups, reportBy: setting.reportBy };
  if (setting.labels === null) {
    if (setting.layout === 'labels-file') throw new AppError('labels.fileMissing', { file: '--labels' });
    return {
      grouping: makeGrouping(asked, null),
      missing: { rows: 0, first: null },
      labels: (readable) => {
        const layout = setting.layout ?? guessLayout(readable);
        return layout === 'class-per-folder' ? folderLabels(readable, folderClasses(readable)) : [];
      },
    };
  }
  const table = readLabelTable(setting.labels);
  const images = files.filter((file) => file !== setting.labels);
  const matcher = new FileMatcher(images);
  const columns = understandColumns(table, setting.columns, matcher, { file: setting.labels, folder: setting.folder });
  const imageOf = new Map<string, Readonly<Record<string, string>>>();
  const lost: string[] = [];
  for (const row of table.rows) {
    const cell = row[columns.file] ?? '';
    const file = matcher.find(cell);
    if (file === null) lost.push(cell);
    else if (!imageOf.has(file)) imageOf.set(file, row);
  }
  const found = tableLabels(table, columns, (cell) => matcher.find(cell));
  return {
    grouping: makeGrouping(asked, { table, columns, imageOf }),
    missing: { rows: lost.length, first: lost[0] ?? null },
    labels: (readable) => {
      const known = new Set(readable);
      return found.filter(({ file }) => known.has(file));
    },
  };
}

async function readAll(
  db: Database.Database,
  setting: ImportSetting,
  scans: { main: Scan; adaptOnly: Scan | null },
  context: ImportContext,
): Promise<ReadCounts> {
  const all = scans.main.files.length + (scans.adaptOnly?.files.length ?? 0);
  const started = performance.now();
  const report = (before: number, of: number) => (done: number, toRead: number) => {
    // What need not be read counts as done.
    const fraction = (before + (of - toRead) + done) / Math.max(1, all);
    const seconds = (performance.now() - started) / 1000;
    const rate = done / Math.max(seconds, 1e-3);
    context.progress({ stage: 'import', fraction: Math.min(1, fraction), rate });
  };
  const { pool, signal } = context;
  const count = scans.main.files.length;
  const main = await readImages(db, pool, 'main', setting.folder, scans.main, { signal, onProgress: report(0, count) });
  if (!scans.adaptOnly || setting.unlabelled === null) return main;
  const rest = scans.adaptOnly.files.length;
  const more = await readImages(db, pool, 'adapt-only', setting.unlabelled, scans.adaptOnly, {
    signal,
    onProgress: report(count, rest),
  });
  return {
    added: main.added + more.added,
    changed: main.changed + more.changed,
    gone: main.gone + more.gone,
    back: main.back + more.back,
    moved: main.moved + more.moved,
  };
}

function readableFiles(db: Database.Database): string[] {
  return db
    .prepare(`SELECT file FROM image WHERE role = 'main' AND state = 'ok' ORDER BY file`)
    .pluck()
    .all() as string[];
}

function assertReadable(db: Database.Database, folder: string, readable: readonly string[]): void {
  if (readable.length) return;
  const failed = db
    .prepare<[], { file: string; failure_reason: string }>(
      `SELECT file, failure_reason FROM image WHERE state = 'unreadable' AND role = 'main' ORDER BY file`,
    )
    .all();
  const [first] = failed;
  if (!first) throw new AppError('folder.empty', { folder });
  throw new AppError('folder.noneReadable', {
    files: failed.length,
    folder,
    first: first.file,
    reason: first.failure_reason,
  });
}

function assertGroupsMatch(setting: ImportSetting, grouping: Grouping, files: readonly string[]): void {
  const { keepApart } = grouping;
  if (!keepApart || setting.groups === null || files.some((file) => keepApart.of(file) !== null)) return;
  throw new AppError('groups.noMatch', { pattern: setting.groups, first: files[0] ?? '' });
}

function writeFamilies(db: Database.Database): void {
  const looks = db
    .prepare<[], Look>(
      `SELECT id, hash, width, height, thumbprint, red, green, blue FROM image WHERE hash IS NOT NULL ORDER BY id`,
    )
    .all();
  const familyOf = findFamilies(looks);
  transact(db, () => {
    const set = db.prepare(`UPDATE image SET family = ? WHERE id = ? AND family IS NOT ?`);
    for (const { id } of looks) {
      const family = familyOf.get(id) ?? null;
      set.run(family, id, family);
    }
  });
}
