import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { ProjectCard } from '../../contract/project.ts';
import type { Seat } from '../../contract/seat.ts';
import type { Project } from '../db/open.ts';
import { useProject } from '../db/projects.ts';
import { readResults } from '../runs/results-file.ts';
import { findRun } from '../runs/rows.ts';
import { readUserSettings } from '../settings/user.ts';
import { keyText } from '../thumbnails/keys.ts';
import { knownProjects, type KnownProject } from './known.ts';
import { projectName } from './name.ts';
import { statusOf } from './status.ts';

const coverPictures = 6;

/** The projects of this computer as Home shows them, newest first. */
export async function listCards({ paths }: Pick<Seat, 'paths'>): Promise<{ projects: ProjectCard[] }> {
  const hidden = readUserSettings().privateHome;
  const projects: ProjectCard[] = [];
  for (const known of knownProjects()) {
    const card = await cardOf(known, hidden);
    projects.push(paths ? card : { ...card, folder: null });
  }
  return { projects };
}

async function cardOf(known: KnownProject, hidden: boolean): Promise<ProjectCard> {
  const { folder, id, name, openedAt } = known;
  const isThere = existsSync(join(folder, 'project.db'));
  const bare: ProjectCard = {
    project: id,
    name,
    folder,
    openedAt,
    isThere,
    images: 0,
    labels: 0,
    classes: 0,
    state: null,
    accuracy: null,
    cover: [],
  };
  if (!isThere) return bare;
  try {
    const project = await useProject(folder, { readOnly: true });
    if (project.id !== id) return { ...bare, isThere: false };
    const { images, labels, classes, state, results } = await statusOf(project, '');
    return {
      ...bare,
      name: projectName(project),
      images,
      labels,
      classes: classes.length,
      state,
      // What was computed before shipping is no result of this project.
      accuracy: results && results.number > 0 ? await accuracyOf(project, results.run) : null,
      cover: hidden
        ? []
        : coverOf(
            project,
            classes.flatMap(({ example }) => example?.image ?? []),
          ),
    };
  } catch {
    // One that cannot be looked at, such as of another version, is told about when it is opened.
    return bare;
  }
}

/** Accuracy without and with adaptation. */
async function accuracyOf(project: Project, run: string): Promise<[number, number] | null> {
  try {
    const { arms } = await readResults(join(project.paths.runs, run), findRun(project.db, run));
    return [arms.plain.accuracy.mean, arms.adapted.accuracy.mean];
  } catch {
    return null;
  }
}

/** One of each class first, then the first of the library. */
function coverOf({ db, id }: Project, examples: readonly number[]): ProjectCard['cover'] {
  const more = db
    .prepare<[number], number>(`SELECT id FROM image WHERE role = 'main' AND state = 'ok' ORDER BY id LIMIT ?`)
    .pluck()
    .all(coverPictures * 2);
  return [...new Set([...examples, ...more])]
    .slice(0, coverPictures)
    .map((image) => ({ image, key: keyText(id, image) }));
}
