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
import { imagesChanged } from '../views/stamps.ts';
import { breathe } from './breathe.ts';
import { writeGroups, type Grouping } from './grouping.ts';
import { importLabels } from './labelling.ts';
import { numberedFolders, readImportSetting, readSetting, writeSetting, type ImportSetting } from './paths.ts';
import { readImages, type ReadCounts, type Source } from './read.ts';
import { hasFiles } from './scan.ts';
import { isSettled, settle } from './settled.ts';
import { keptSchema, summarize } from './summary.ts';
import { inThread, scanAside } from './thread.ts';
import { understand, type Understood } from './understand.ts';

/** Rows of one transaction where nothing but numbers is written: a few milliseconds. */
const rowsAtOnce = 1000;

export interface ImportContext {
  readonly pool: ImagePool;
  readonly signal?: AbortSignal;
  progress(progress: Progress): void;
  /** A piece was written: what pages show of the library is no longer what it is. */
  written?(): void;
}

/**
 * Checks that can be made before a project exists, so that wrong input leaves nothing behind.
 * @returns input with absolute, resolved paths
 * @throws AppError `folder.missing`, `folder.empty`, `folder.overlap`, `project.insideImages`, `labels.fileMissing`
 */
export function checkImportInput(input: ImportInput): ImportInput {
  const { folder, unlabelled } = importFolders(input);
  const project = resolvedPath(resolve(input.project));
  for (const images of [folder, ...unlabelled]) {
    if (isInside(project, images) || isInside(images, project)) {
      throw new AppError('project.insideImages', { project, folder: images });
    }
  }
  if (!hasFiles(folder)) throw new AppError('folder.empty', { folder });
  const labels = input.labels === undefined ? undefined : resolve(input.labels);
  if (labels !== undefined && !existsSync(labels)) throw new AppError('labels.fileMissing', { file: labels });
  return {
    ...input,
    folder,
    project,
    ...(input.unlabelled === undefined ? {} : { unlabelled }),
    ...(labels === undefined ? {} : { labels }),
  };
}

/**
 * The folders of an import with absolute, resolved paths.
 * @throws AppError `folder.missing`, `folder.overlap`
 */
export function importFolders(input: Pick<ImportInput, 'folder' | 'unlabelled'>): {
  folder: string;
  unlabelled: string[];
} {
  const folder = existingFolder(input.folder);
  const unlabelled = (input.unlabelled ?? []).map((further) => existingFolder(further));
  const before = [folder];
  for (const further of unlabelled) {
    const other = before.find((each) => isInside(further, each) || isInside(each, further));
    if (other !== undefined) throw new AppError('folder.overlap', { folder: other, other: further });
    before.push(further);
  }
  return { folder, unlabelled };
}

/** @throws AppError `folder.missing` */
export function existingFolder(folder: string): string {
  const path = resolvedPath(resolve(folder));
  if (!existsSync(path) || !statSync(path).isDirectory()) throw new AppError('folder.missing', { folder });
  return path;
}

/** An import whose input is understood and written down; what is left is to read the images. */
export interface Prepared {
  readonly setting: ImportSetting;
  /** In the order they are read. */
  readonly sources: readonly Source[];
  readonly understood: Understood;
}

/**
 * Finds the files and understands labels and groups, so that wrong input is told at once; writes only what was asked.
 * @param input as `checkImportInput` returned it; absent: as it was asked the last time
 */
export async function prepareImport(
  { db, folder }: Project,
  input: ImportInput | null,
  signal?: AbortSignal,
): Promise<Prepared> {
  const known = readImportSetting(db);
  if (!input && !known) throw new AppError('project.missing', { folder });
  const setting = input ? mergeSetting(known, input) : (known as ImportSetting);
  const found = await scanAside(setting.folder, signal);
  const understood = understand(
    setting,
    found.files.map(({ file }) => file),
  );
  const kept = found.files.filter(({ file }) => !understood.isIgnored(file));
  const sources: Source[] = [{ role: 'main', batch: 0, folder: setting.folder, scan: { ...found, files: kept } }];
  for (const [batch, folder] of setting.unlabelled.entries()) {
    // Of one that is no longer asked for everything is gone.
    const scan = folder === null ? { files: [], outside: [] } : await scanAside(folder, signal);
    sources.push({ role: 'adapt-only', batch, folder: folder ?? '', scan });
  }
  assertGroupsMatch(
    setting,
    understood.grouping,
    kept.map(({ file }) => file),
  );
  transact(db, () => {
    writeSetting(db, 'import', setting);
    if (input?.name !== undefined) writeSetting(db, 'name', input.name);
  });
  return { setting, sources, understood };
}

/**
 * Brings a project in line with its folders: new, changed and gone images, groups, the check side, imported labels.
 * Can be repeated, and continues where an interrupted one stopped. Done in pieces, so that labels are written between.
 */
export async function runImport(project: Project, prepared: Prepared, context: ImportContext): Promise<ReadCounts> {
  const { db } = project;
  const { setting, sources, understood } = prepared;
  const { signal } = context;
  const counts = await readAll(db, sources, context);
  if (isSettled(db, setting)) return counts;
  const readable = readableFiles(db);
  assertReadable(db, setting.folder, readable);
  await writeFamilies(project, signal);
  const moved = await writeGroups(db, understood.grouping, signal);
  const keepApart = understood.grouping.keepApart?.name ?? null;
  assignSides(db, setting.seed, { moved, redefined: isRedefined(db, keepApart) });
  await importLabels(db, understood.labels(readable));
  transact(db, () => {
    writeSetting(db, 'summary', { keepApart, missing: understood.missing });
    appendAudit(db, 'import', { ...counts, images: readable.length });
    imagesChanged(db);
    settle(db, setting);
  });
  return counts;
}

/** All of an import, for who waits for its end. */
export async function importLibrary(
  project: Project,
  input: ImportInput,
  context: ImportContext,
): Promise<LibrarySummary> {
  const started = performance.now();
  const counts = await runImport(project, await prepareImport(project, input, context.signal), context);
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
    unlabelled: input.unlabelled
      ? numberedFolders(known?.unlabelled ?? [], input.unlabelled)
      : (known?.unlabelled ?? []),
    labels: input.labels ?? known?.labels ?? null,
    columns: withoutUndefined(input.columns ?? known?.columns ?? {}),
    groups: input.groups ?? known?.groups ?? null,
    reportBy: input.reportBy ?? known?.reportBy ?? [],
    layout: input.layout ?? known?.layout ?? null,
    folders: input.folders ?? known?.folders ?? {},
    // The seed of the check side is fixed by the first import.
    seed: known?.seed ?? input.seed,
  };
}

function withoutUndefined(columns: NonNullable<ImportInput['columns']>): ImportSetting['columns'] {
  const { file, label, rater } = columns;
  return { ...(file && { file }), ...(label && { label }), ...(rater && { rater }) };
}

async function readAll(
  db: Database.Database,
  sources: readonly Source[],
  { pool, signal, written, progress }: ImportContext,
): Promise<ReadCounts> {
  const all = sources.reduce((sum, { scan }) => sum + scan.files.length, 0);
  const started = performance.now();
  const report = (before: number, of: number) => (done: number, toRead: number) => {
    // What need not be read counts as done.
    const fraction = (before + (of - toRead) + done) / Math.max(1, all);
    const seconds = (performance.now() - started) / 1000;
    const rate = done / Math.max(seconds, 1e-3);
    progress({ stage: 'import', fraction: Math.min(1, fraction), rate });
  };
  const counts: ReadCounts = { added: 0, changed: 0, gone: 0, back: 0, moved: 0 };
  let before = 0;
  for (const source of sources) {
    const { length } = source.scan.files;
    await readImages(db, pool, source, counts, { signal, onProgress: report(before, length), written });
    before += length;
  }
  return counts;
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

/** Families are found by comparing all with all that are near: seconds, in a thread that reads beside the writer. */
async function writeFamilies({ db, paths }: Project, signal?: AbortSignal): Promise<void> {
  const changes = await inThread('families', paths.database, signal);
  const set = db.prepare(`UPDATE image SET family = ? WHERE id = ?`);
  for (let done = 0; done < changes.length; done += 2 * rowsAtOnce) {
    transact(db, () => {
      for (let i = done; i < Math.min(changes.length, done + 2 * rowsAtOnce); i += 2) {
        set.run(changes[i + 1] || null, changes[i]);
      }
    });
    await breathe();
    signal?.throwIfAborted();
  }
}
