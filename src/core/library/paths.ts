import { join } from 'node:path';
import type Database from 'better-sqlite3';
import { z } from 'zod';

/** What an import was asked to do, kept so that the next one continues it. */
const importSettingSchema = z.object({
  folder: z.string(),
  unlabelled: z.string().nullable(),
  labels: z.string().nullable(),
  columns: z.object({ file: z.string(), label: z.string(), rater: z.string() }).partial(),
  groups: z.string().nullable(),
  reportBy: z.array(z.string()),
  layout: z.enum(['class-per-folder', 'flat', 'labels-file']).nullable(),
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

/** Absolute path of an image. */
export function sourcePath(setting: ImportSetting, role: string, file: string): string {
  return join(role === 'main' ? setting.folder : (setting.unlabelled ?? setting.folder), file);
}
