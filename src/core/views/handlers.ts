import type { CoreCalls } from '../../contract/core-calls.ts';
import { AppError } from '../../contract/errors.ts';
import type { Handlers } from '../../rpc/types.ts';
import type { Project } from '../db/open.ts';
import { sight, type Sight } from '../labels/visibility.ts';
import { onOpened, projectOf } from '../projects/registry.ts';
import { dropView, heldView, type View } from './held.ts';
import { facetsOf, openView } from './open.ts';
import { queries } from './queries.ts';
import { ticksOf } from './ticks.ts';
import { windowOf } from './window.ts';

type ViewCalls = Pick<
  CoreCalls,
  'view.open' | 'view.close' | 'view.window' | 'view.groups' | 'view.find' | 'view.ticks' | 'view.count' | 'view.facets'
>;
interface Seat {
  readonly project: string;
  readonly rater: string;
}

const opened = (ref: string): Promise<Project> => projectOf(ref, { readOnly: true });

/** A view with what its rater may see now. One from before a blind session began or ended is no longer valid. */
async function viewFor(seat: Seat & { readonly view: number }): Promise<{ project: Project; view: View; eyes: Sight }> {
  const project = await opened(seat.project);
  const view = heldView(project, seat.rater, seat.view);
  const eyes = sight(project.db, seat.rater);
  if (eyes.blind !== view.blind) throw new AppError('view.unknown');
  return { project, view, eyes };
}

/** The first list is asked for a moment after a project is opened: its thread reads the library until then. */
function readAhead(project: Project): void {
  const nothing = { sight: { rater: '', blind: false }, ids: new Int32Array(new SharedArrayBuffer(0)), ranges: [] };
  queries(project)
    .ask('count', nothing)
    .catch(() => {
      // It is told to whoever asks for the list.
    });
}

export function handlers(): Handlers<ViewCalls> {
  onOpened(readAhead);
  return {
    'view.open': async (input, { signal }) => openView(await opened(input.project), input, signal),
    'view.close': async ({ project, view }) => {
      dropView(await opened(project), view);
      return {};
    },
    'view.window': async (input) => {
      const { project, view, eyes } = await viewFor(input);
      return { tiles: windowOf(project, view, eyes, input.from, input.count) };
    },
    'view.groups': async (input, { signal }) => {
      const { project, view, eyes } = await viewFor(input);
      const names = view.names.slice(input.from, input.from + input.count);
      const ranges = names.map((_, i) => {
        const at = input.from + i;
        return [view.starts[at] ?? 0, view.starts[at + 1] ?? view.ids.length] as const;
      });
      const labelled = await queries(project).ask('count', { sight: factsOf(eyes), ids: view.ids, ranges }, signal);
      const groups = names.map((name, i) => {
        const [from, to] = ranges[i] as readonly [number, number];
        return { name, images: to - from, labelled: labelled[i] ?? 0 };
      });
      return { groups };
    },
    'view.find': async (input) => {
      const { view } = await viewFor(input);
      const at = view.ids.indexOf(input.image);
      return { at: at < 0 ? null : at };
    },
    'view.ticks': async (input) => {
      const { project, view } = await viewFor(input);
      return { ticks: ticksOf(project, view, input.most) };
    },
    'view.count': async (input, { signal }) => {
      const { project, view, eyes } = await viewFor(input);
      const { ranges } = input;
      const labelled = await queries(project).ask('count', { sight: factsOf(eyes), ids: view.ids, ranges }, signal);
      const images = ranges.reduce((sum, [from, to]) => sum + Math.max(0, Math.min(to, view.ids.length) - from), 0);
      return { images, labelled: labelled.reduce((sum, count) => sum + count, 0) };
    },
    'view.facets': async (input, { signal }) => facetsOf(await opened(input.project), input, signal),
  };
}

const factsOf = ({ rater, blind }: Sight): { rater: string; blind: boolean } => ({ rater, blind });
