import type { CoreCalls } from '../../contract/core-calls.ts';
import { createImagePool } from '../../images/pool.ts';
import type { Handlers } from '../../rpc/types.ts';
import type { CoreContext } from '../context.ts';
import { useProject } from '../db/projects.ts';
import { sight } from '../labels/visibility.ts';
import { nearestLabelled } from '../queues/near-labelled.ts';
import { noteOpened, onOpened, projectOf } from '../projects/registry.ts';
import { RestingPool } from '../thumbnails/resting-pool.ts';
import { viewSources } from '../views/sources.ts';
import { createImports } from './begin.ts';
import { imageDetails } from './details.ts';
import { checkImportInput, importLibrary } from './import.ts';
import { lookAt } from './look/look.ts';
import { searchImages } from './search.ts';
import { summarize } from './summary.ts';
import type { Project } from '../db/open.ts';

type LibraryCalls = Pick<
  CoreCalls,
  | 'library.import'
  | 'library.look'
  | 'library.begin'
  | 'library.rescan'
  | 'library.summary'
  | 'images.details'
  | 'images.nearLabelled'
  | 'images.search'
>;

/** Neighbours shown beside an image. */
const nearestCount = 8;

export function handlers({ emit }: Pick<CoreContext, 'emit'>): Handlers<LibraryCalls> {
  const imports = createImports(emit);
  // A page looks again at each change of what it asks.
  const lookers = new RestingPool();
  onOpened((project) => imports.goOn(project));
  return {
    'library.import': async (input, { signal, progress }) => {
      const checked = checkImportInput(input);
      const project = await useProject(checked.project, { create: true });
      const pool = createImagePool();
      try {
        return await importLibrary(project, checked, { pool, signal, progress });
      } finally {
        pool.close();
      }
    },
    'library.look': (input, { signal }) => lookers.use((pool) => lookAt(input, pool, signal)),
    'library.begin': async (input) => {
      const checked = checkImportInput(input);
      const project = await useProject(checked.project, { create: true });
      await imports.begin(project, checked);
      noteOpened(project);
      return { project: project.id };
    },
    'library.rescan': async ({ project: ref }) => {
      const { done } = await imports.begin(await projectOf(ref), null);
      const { added, gone, changed, moved } = await done;
      // A file under another name is neither new nor gone.
      return { added, gone: Math.max(0, gone - moved), changed };
    },
    'library.summary': async ({ project }) => summarize(await projectOf(project, { readOnly: true })),
    'images.details': async ({ project: ref, rater, image }) => {
      const project = await projectOf(ref, { readOnly: true });
      return imageDetails(project, rater, image, await nearest(project, rater, image));
    },
    'images.nearLabelled': async ({ project: ref, rater, image, most }) => {
      const project = await projectOf(ref, { readOnly: true });
      return { images: await nearestLabelled(project, sight(project.db, rater), image, most) };
    },
    'images.search': async ({ project: ref, ...asked }, { signal }) => {
      const project = await projectOf(ref, { readOnly: true });
      return { images: await searchImages(project, asked, signal) };
    },
  };
}

/** Before the images have been looked at there are no neighbours, and a blind rater is led by none. */
async function nearest(project: Project, rater: string, image: number): Promise<number[]> {
  const eyes = sight(project.db, rater);
  if (eyes.blind) return [];
  try {
    const { ids } = await viewSources.similar(project, eyes, { kind: 'similar', image, count: nearestCount });
    return [...(ids ?? [])].filter((id) => id !== image);
  } catch {
    return [];
  }
}
