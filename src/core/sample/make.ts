import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { importInputSchema } from '../../contract/library.ts';
import type { Progress } from '../../contract/progress.ts';
import { createImagePool } from '../../images/pool.ts';
import { transact } from '../db/errors.ts';
import type { Project } from '../db/open.ts';
import { useProject } from '../db/projects.ts';
import { checkImportInput, importLibrary } from '../library/import.ts';
import { readSetting, writeSetting } from '../library/paths.ts';
import { defaultProjects } from '../settings/places.ts';
import { labelSample, sampleImages, sampleName } from './library.ts';
import { installShipped } from './shipped.ts';

interface Call {
  readonly signal: AbortSignal;
  progress(progress: Progress): void;
}

/** Images of the sample in a new project, without labels. */
export async function importSample(folder: string, { signal, progress }: Call): Promise<Project> {
  const input = checkImportInput(
    importInputSchema.parse({ folder: sampleImages, project: folder, name: sampleName, layout: 'flat' }),
  );
  const project = await useProject(folder, { create: true });
  const pool = createImagePool();
  try {
    await importLibrary(project, input, { pool, signal, progress });
  } finally {
    pool.close();
  }
  return project;
}

/** The sample as a project: four labels per class, and one run that was computed before shipping. */
export async function makeSample(folder: string | undefined, call: Call): Promise<Project> {
  const known = folder ?? join(defaultProjects(), sampleName);
  const earlier = folder === undefined ? await finishedSample(known) : null;
  if (earlier) return earlier;
  const project = await importSample(folder ?? freeFolder(known), call);
  labelSample(project.db);
  await installShipped(project);
  transact(project.db, () => {
    writeSetting(project.db, 'name', sampleName);
    writeSetting(project.db, 'sample', true);
  });
  return project;
}

/** Who tries the sample again finds what they did with it. */
async function finishedSample(folder: string): Promise<Project | null> {
  if (!existsSync(join(folder, 'project.db'))) return null;
  const project = await useProject(folder).catch(() => null);
  return project && readSetting(project.db, 'sample') === true ? project : null;
}

function freeFolder(wanted: string): string {
  for (let n = 1; ; n++) {
    const folder = n === 1 ? wanted : `${wanted} ${n}`;
    if (!existsSync(folder)) return folder;
  }
}
