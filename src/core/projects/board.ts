import type { Progress } from '../../contract/progress.ts';
import { coalesce } from './coalesce.ts';

/** What goes on in a project right now: kept in memory, written by those who do it, read for its status. */
export interface Board {
  /** Rises with whatever changes in the project. */
  readonly seq: number;
  /** An import or a rescan. */
  readonly scanning: Progress | null;
  /** Looking at the images for suggestions, 0..1. */
  readonly looking: number | null;
  /** The run under way in this process. */
  readonly run: { readonly id: string; readonly progress: Progress | null } | null;
  /** Labels that could not be written yet. */
  readonly unsaved: number;
  /** Bytes the project folder holds, when last measured. */
  readonly bytes: number | null;
}

const nothing = { scanning: null, looking: null, run: null, unsaved: 0, bytes: null };
const boards = new Map<string, Board>();
const listeners = new Set<(project: string, seq: number) => void>();

/** Starts from the clock, so that a page that outlives core never sees it fall. */
let lastSeq = Date.now();

/** At most ten a second for each project; the last is always told. */
const tell = coalesce(100, (project: string) => {
  const { seq } = boardOf(project);
  for (const listener of listeners) listener(project, seq);
});

export const boardOf = (project: string): Board => boards.get(project) ?? { seq: lastSeq, ...nothing };

function set(project: string, change: Partial<Board>): void {
  boards.set(project, { ...boardOf(project), ...change, seq: ++lastSeq });
  tell(project);
}

/** Something in the project is not as it was: its status is worth asking for. `project` is the id. */
export const changed = (project: string): void => set(project, {});
export const setScanning = (project: string, scanning: Progress | null): void => set(project, { scanning });
export const setLooking = (project: string, looking: number | null): void => set(project, { looking });
export const setRun = (project: string, run: Board['run']): void => set(project, { run });
export const setUnsaved = (project: string, unsaved: number): void => set(project, { unsaved });
export const setBytes = (project: string, bytes: number): void => set(project, { bytes });

/** Hears of changes, at most ten a second for each project. */
export function onChanged(listener: (project: string, seq: number) => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}
