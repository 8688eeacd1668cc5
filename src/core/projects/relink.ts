import { existsSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { AppError } from '../../contract/errors.ts';
import type { Progress } from '../../contract/progress.ts';
import { appendAudit } from '../audit/log.ts';
import { fileHash } from '../db/backup.ts';
import { transact } from '../db/errors.ts';
import { isInside, resolvedPath } from '../db/file-system.ts';
import type { Project } from '../db/open.ts';
import { readImportSetting, writeSetting, type ImportSetting } from '../library/paths.ts';
import { scanFolder, type FoundFile } from '../library/scan.ts';
import { imagesChanged } from '../views/stamps.ts';
import { forgetImagesFolder } from './images-folder.ts';

interface Row {
  readonly id: number;
  readonly file: string;
  readonly bytes: number;
  readonly modified: number;
  readonly hash: string | null;
}

/**
 * Finds the images of a project below a folder that replaces the one that is gone: by content, wherever they lie now.
 * A file of the same place, size and time is taken for the same, as when a folder is looked at again.
 * @throws AppError `folder.missing`, `folder.unreadable`, `project.insideImages`, `folder.noneOfThese`
 */
export async function relink(
  project: Project,
  folder: string,
  call: { signal: AbortSignal; progress(progress: Progress): void },
): Promise<{ found: number; missing: number }> {
  const { db } = project;
  const root = resolvedPath(resolve(folder));
  const setting = readImportSetting(db);
  const { files } = scanFolder(root);
  if (isInside(project.folder, root) || isInside(root, project.folder)) {
    throw new AppError('project.insideImages', { project: project.folder, folder: root });
  }
  const rows = db
    .prepare<[], Row>(`SELECT id, file, bytes, modified, hash FROM image WHERE role = 'main' AND page = 0 ORDER BY id`)
    .all();
  const places = await findAll(rows, files, root, call);
  const known = rows.filter(({ hash }) => hash !== null).length;
  if (known > 0 && places.size === 0) throw new AppError('folder.noneOfThese', { folder: root });
  transact(db, () => {
    // In two steps: two files that changed places would meet on the way.
    const park = db.prepare(`UPDATE image SET file = 'relinking/' || id WHERE id = ?`);
    for (const id of places.keys()) park.run(id);
    const place = db.prepare(
      `UPDATE image SET file = ?, modified = ?, state = CASE state WHEN 'gone' THEN 'ok' ELSE state END WHERE id = ?`,
    );
    const lose = db.prepare(
      `UPDATE image SET file = ?, state = CASE state WHEN 'ok' THEN 'gone' ELSE state END WHERE id = ?`,
    );
    const names = new Set([...places.values()].map(({ file }) => file));
    for (const { id, file } of rows) {
      // One that is lost gives its name to what lies there now.
      if (!places.has(id)) lose.run(names.has(file) ? `${file} (gone, ${id})` : file, id);
    }
    for (const [id, { file, modified }] of places) place.run(file, modified, id);
    if (setting) writeSetting(db, 'import', moved(setting, root));
    appendAudit(db, 'relink', { found: places.size, missing: known - places.size });
    imagesChanged(db);
  });
  forgetImagesFolder(project);
  return { found: places.size, missing: known - places.size };
}

/** Where each image is now, by its id. */
async function findAll(
  rows: readonly Row[],
  files: readonly FoundFile[],
  root: string,
  { signal, progress }: { signal: AbortSignal; progress(progress: Progress): void },
): Promise<Map<number, FoundFile>> {
  const found = new Map<number, FoundFile>();
  const taken = new Set<string>();
  const byName = new Map(files.map((file) => [file.file, file]));
  const take = (row: Row, file: FoundFile): void => {
    found.set(row.id, file);
    taken.add(file.file);
  };
  for (const row of rows) {
    const same = byName.get(row.file);
    if (same && same.bytes === row.bytes && same.modified === row.modified) take(row, same);
  }
  const left = new Map<string, Row[]>();
  const sizes = new Set<number>();
  for (const row of rows) {
    if (row.hash === null || found.has(row.id)) continue;
    left.set(row.hash, [...(left.get(row.hash) ?? []), row]);
    sizes.add(row.bytes);
  }
  // Only files of a size that is looked for are read.
  const candidates = files.filter(({ file, bytes }) => !taken.has(file) && sizes.has(bytes));
  for (const [index, candidate] of candidates.entries()) {
    signal.throwIfAborted();
    const hash = await fileHash(join(root, candidate.file)).catch(() => null);
    const waiting = hash === null ? undefined : left.get(hash);
    // Of several copies each keeps its own name where it can.
    const at = waiting?.findIndex(({ file }) => file === candidate.file) ?? -1;
    const [row] = waiting?.splice(Math.max(0, at), 1) ?? [];
    if (row) take(row, candidate);
    progress({ stage: 'relink', fraction: (index + 1) / candidates.length });
  }
  return found;
}

/** Files beside the images moved with them, where they are there. */
function moved(setting: ImportSetting, root: string): ImportSetting {
  const along = (path: string | null): string | null => {
    if (path === null || existsSync(path)) return path;
    const there = join(root, relative(setting.folder, path));
    return existsSync(there) ? there : path;
  };
  return { ...setting, folder: root, labels: along(setting.labels), unlabelled: setting.unlabelled.map(along) };
}
