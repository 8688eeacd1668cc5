import { join } from 'node:path';
import { z } from 'zod';
import { settingsFolder } from '../../files/settings-folder.ts';
import { readJson, writeJson } from '../settings/json-file.ts';

const entrySchema = z.object({ folder: z.string(), id: z.uuid(), name: z.string(), openedAt: z.iso.datetime() });
export type KnownProject = z.infer<typeof entrySchema>;
const fileSchema = z.object({ projects: z.array(entrySchema) });

const most = 200;
const file = (): string => join(settingsFolder(), 'projects.json');

/** The projects this computer's user has opened, newest first. */
export const knownProjects = (): KnownProject[] => readJson(file(), fileSchema, { projects: [] }).projects;

function keep(projects: readonly KnownProject[]): void {
  try {
    writeJson(file(), { projects: projects.slice(0, most) });
  } catch {
    // A home that cannot be written keeps no list; the projects themselves are as they were.
  }
}

/** Puts a project first on the list. */
export function noteKnown({ folder, id, name }: Omit<KnownProject, 'openedAt'>, now = new Date()): void {
  const others = knownProjects().filter((entry) => entry.folder !== folder);
  keep([{ folder, id, name, openedAt: now.toISOString() }, ...others]);
}

export function renameKnown(folder: string, name: string): void {
  keep(knownProjects().map((entry) => (entry.folder === folder ? { ...entry, name } : entry)));
}

export function forgetKnown(folder: string): void {
  keep(knownProjects().filter((entry) => entry.folder !== folder));
}
