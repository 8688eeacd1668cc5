import { readdir, readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { basename, join } from 'node:path';
import { AppError } from '../contract/errors.ts';
import { importRecordSchema, type ImportRecord } from '../contract/weights.ts';
import { settingsFolder } from './settings-folder.ts';

/** Where the weights lie that this computer's user brought. On Windows not among what follows them to others. */
export function userWeightsFolder(environment: NodeJS.ProcessEnv = process.env, platform = process.platform): string {
  if (platform !== 'win32') return join(settingsFolder(environment, platform), 'weights');
  return join(environment['LOCALAPPDATA'] ?? join(homedir(), 'AppData', 'Local'), 'Acclimate', 'weights');
}

/** Where a project keeps those that its runs used: it goes on without the folder of its user. */
export const projectWeightsFolder = (project: string): string => join(project, 'weights');

/**
 * Weights that were imported into some folders, the last ones first, each with where it lies.
 * @throws AppError `weights.format` where a record is damaged
 */
export async function importRecords(folders: readonly string[]): Promise<(ImportRecord & { readonly path: string })[]> {
  const paths = (await Promise.all(folders.map(recordsIn))).flat();
  const records = await Promise.all(
    paths.map(async ({ folder, name }) => {
      const record = await readRecord(join(folder, name));
      return { ...record, path: join(folder, record.file) };
    }),
  );
  return records.sort((a, b) => (a.importedAt < b.importedAt ? 1 : -1));
}

async function recordsIn(folder: string): Promise<{ folder: string; name: string }[]> {
  const names = await readdir(folder).catch((error: unknown) => {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return [];
    throw error;
  });
  return names.filter((name) => name.endsWith('.json')).map((name) => ({ folder, name }));
}

async function readRecord(path: string): Promise<ImportRecord> {
  try {
    return importRecordSchema.parse(JSON.parse(await readFile(path, 'utf8')));
  } catch (cause) {
    const reason = 'it is no record of imported weights';
    throw new AppError('weights.format', { file: basename(path), reason }, { cause });
  }
}
