import type { z } from 'zod';
import type { libraryCalls } from '../../contract/calls/library.ts';
import type { viewInputSchema } from '../../contract/view.ts';
import type { Project } from '../db/open.ts';
import { sight as sightOf, type Sight } from '../labels/visibility.ts';
import { holdView } from './held.ts';
import type { Choice, Facets } from './messages.ts';
import { queries } from './queries.ts';
import { togetherOrder } from '../queues/queues.ts';
import { viewSources, type SourceImages, type ViewSources } from './sources.ts';

type ViewInput = z.infer<typeof viewInputSchema>;
type Opened = z.infer<(typeof libraryCalls)['view.open']['output']>;

/** Runs filter and sort in the query thread, and holds the list. */
export async function openView(project: Project, input: ViewInput, signal: AbortSignal): Promise<Opened> {
  const sight = sightOf(project.db, input.rater);
  const images = await imagesOf(project, sight, input.source);
  const chosen = await queries(project).ask('choose', await choiceOf(project, sight, input, images), signal);
  const { reasons, ids } = images;
  const view = holdView(project, {
    rater: input.rater,
    ids: chosen.ids,
    reasons: reasons && ids ? new Map(Array.from(ids, (id, i) => [id, reasons[i] ?? 0])) : null,
    starts: chosen.starts,
    names: chosen.names,
    ticks: sight.blind || ids ? 'places' : input.sort === 'name' ? 'names' : input.sort === 'date' ? 'dates' : 'places',
    batch: images.batch ?? null,
    isQueue: input.source.kind === 'queue',
    blind: sight.blind,
  });
  return {
    view: view.id,
    count: view.ids.length,
    labelled: chosen.labelled,
    groupStarts: littleEndian(view.starts),
    building: images.building,
  };
}

/** Counts of what can be filtered by, each under the other filters. */
export async function facetsOf(project: Project, input: ViewInput, signal: AbortSignal): Promise<Facets> {
  const sight = sightOf(project.db, input.rater);
  const images = await imagesOf(project, sight, input.source);
  const choice = await choiceOf(project, sight, { ...input, sort: 'added' }, images);
  return queries(project).ask('facets', choice, signal);
}

function imagesOf(project: Project, sight: Sight, source: ViewInput['source']): Promise<SourceImages> {
  const read = viewSources[source.kind] as ViewSources[typeof source.kind] as (
    project: Project,
    sight: Sight,
    source: ViewInput['source'],
  ) => Promise<SourceImages>;
  return read(project, sight, source);
}

async function choiceOf(project: Project, sight: Sight, input: ViewInput, images: SourceImages): Promise<Choice> {
  const { filter, sort, groupBy } = input;
  return {
    sight: { rater: sight.rater, blind: sight.blind },
    ids: images.ids,
    filter,
    sort,
    order: sort === 'similar' && images.ids === null && !sight.blind ? await togetherOrder(project) : null,
    groupBy,
  };
}

/** The machines this runs on are little-endian; a copy of the bytes is what travels. */
const littleEndian = (values: Int32Array): Uint8Array =>
  new Uint8Array(values.buffer, values.byteOffset, values.byteLength).slice();
