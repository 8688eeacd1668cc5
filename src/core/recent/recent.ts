import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { basename, dirname, join, resolve } from 'node:path';
import { z } from 'zod';
import type { RecentProject } from '../../contract/recent.ts';

const fileSchema = z.array(z.object({ project: z.string(), openedAt: z.iso.datetime() }));
const most = 12;

/** Settings of this computer, as each system keeps them. */
export function settingsFolder(environment: NodeJS.ProcessEnv = process.env, platform = process.platform): string {
  if (platform === 'win32') return join(environment['APPDATA'] ?? join(homedir(), 'AppData', 'Roaming'), 'Acclimate');
  if (platform === 'darwin') return join(homedir(), 'Library', 'Application Support', 'Acclimate');
  return join(environment['XDG_CONFIG_HOME'] ?? join(homedir(), '.config'), 'acclimate');
}

/** The list of projects this computer has opened, newest first, in a file that only its owner can read. */
export class RecentProjects {
  readonly #file: string;

  constructor(folder: string) {
    this.#file = join(folder, 'recent-projects.json');
  }

  list(): RecentProject[] {
    return this.#read().map(({ project, openedAt }) => ({
      project,
      name: basename(project),
      openedAt,
      isThere: existsSync(project),
    }));
  }

  note(project: string, keep: boolean, now = new Date()): void {
    const path = resolve(project);
    const others = this.#read().filter((entry) => entry.project !== path);
    const entries = keep ? [{ project: path, openedAt: now.toISOString() }, ...others].slice(0, most) : others;
    mkdirSync(dirname(this.#file), { recursive: true, mode: 0o700 });
    const temporary = `${this.#file}.${process.pid}`;
    writeFileSync(temporary, JSON.stringify(entries, null, 2), { mode: 0o600 });
    renameSync(temporary, this.#file);
  }

  /** A list that is missing or damaged is an empty one: it holds nothing that is not in the projects. */
  #read(): z.infer<typeof fileSchema> {
    try {
      return fileSchema.parse(JSON.parse(readFileSync(this.#file, 'utf8')));
    } catch {
      return [];
    }
  }
}
