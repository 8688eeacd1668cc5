import { realpath } from 'node:fs/promises';
import { join } from 'node:path';
import type Database from 'better-sqlite3';
import { z } from 'zod';
import { AppError } from '../../contract/errors.ts';
import { isInside } from '../db/file-system.ts';

/** What an import was asked to do, kept so that the next one continues it. */
const importSettingSchema = z.object({
  folder: z.string(),
  /**
   * Further folders, by the number that `batch` has of their images; null: one that is no longer asked for. Projects
   * from before there could be several name one, or null.
   */
  unlabelled: z.preprocess((value) => (value === null ? [] : [value].flat()), z.array(z.string().nullable())),
  labels: z.string().nullable(),
  columns: z.object({ file: z.string(), label: z.string(), rater: z.string() }).partial(),
  groups: z.string().nullable(),
  reportBy: z.array(z.string()),
  layout: z.enum(['class-per-folder', 'flat', 'labels-file']).nullable(),
  /** What class folders are taken for, where it is not a class. */
  folders: z.record(z.string(), z.enum(['class', 'ignore', 'none'])).default({}),
  seed: z.int(),
});
export type ImportSetting = z.infer<typeof importSettingSchema>;

export function readSetting(db: Database.Database, key: string): unknown {
  const row = db.prepare<[string], { value: string }>(`SELECT value FROM setting WHERE key = ?`).get(key);
  return row ? (JSON.parse(row.value) as unknown) : undefined;
}

export function writeSetting(db: Database.Database, key: string, value: unknown): void {
  db.prepare(
    `INSERT INTO setting (key, value) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value`,
  ).run(key, JSON.stringify(value));
}

export function readImportSetting(db: Database.Database): ImportSetting | undefined {
  const value = readSetting(db, 'import');
  return value === undefined ? undefined : importSettingSchema.parse(value);
}

/** Every folder whose images the project looks at. */
export function imageFolders(db: Database.Database): string[] {
  const setting = readImportSetting(db);
  return setting ? [setting.folder, ...setting.unlabelled.filter((folder) => folder !== null)] : [];
}

/** Folders with the numbers they have from now on. None gets the number of another: its images would be taken for those. */
export const numberedFolders = (known: readonly (string | null)[], wanted: readonly string[]): (string | null)[] => [
  ...known.map((folder) => (folder !== null && wanted.includes(folder) ? folder : null)),
  ...wanted.filter((folder) => !known.includes(folder)),
];

export interface ImagePlace {
  readonly role: string;
  readonly batch: number;
  readonly file: string;
}

/** Absolute path of an image of the project's own folders. */
export function sourcePath(setting: ImportSetting, { role, batch, file }: ImagePlace): string {
  return join((role === 'main' ? null : setting.unlabelled[batch]) ?? setting.folder, file);
}

/**
 * Path of the file of an image of any role, with its links resolved: one that leads out of its folder now is not
 * followed. A file that is not there is left to its reader to tell.
 * @throws AppError `image.unreadable`
 */
export const imagePath = (db: Database.Database, place: ImagePlace): Promise<string> =>
  pathInside(imageFolder(db, place), place);

/** `imagePath` without the project's database: it may be closed by now. @param folder as `imageFolder` told */
export async function pathInside(folder: string | null, { file }: Pick<ImagePlace, 'file'>): Promise<string> {
  if (folder === null) throw new AppError('image.unreadable', { reason: 'its folder is not known' });
  const path = join(folder, file);
  const [real, root] = await Promise.all([realpath(path).catch(() => path), realpath(folder).catch(() => folder)]);
  if (!isInside(real, root)) throw new AppError('image.unreadable', { reason: 'a link that leads out of the folder' });
  return real;
}

/** The folder that an image's file is named from; null where that is not known. */
export function imageFolder(db: Database.Database, { role, batch }: Omit<ImagePlace, 'file'>): string | null {
  if (role === 'batch') {
    const folder = db.prepare(`SELECT folder FROM batch WHERE id = ?`).pluck().get(batch);
    return typeof folder === 'string' ? folder : null;
  }
  const setting = readImportSetting(db);
  if (!setting) return null;
  return role === 'main' ? setting.folder : (setting.unlabelled[batch] ?? null);
}
