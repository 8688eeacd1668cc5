import { AppError, type ErrorCode } from '../../contract/errors.ts';
import type { Project } from '../db/open.ts';
import { setUnsaved } from '../projects/board.ts';

const retryMs = 5_000;
const cannotBeWritten: ReadonlySet<ErrorCode> = new Set(['project.diskFull', 'project.readOnly']);

interface Waiting {
  readonly acts: (() => void)[];
  timer: NodeJS.Timeout | undefined;
}
const waiting = new WeakMap<Project, Waiting>();

const isUnwritable = (error: unknown): boolean => error instanceof AppError && cannotBeWritten.has(error.code);

/**
 * Does an act on the labels of a project. One that cannot be written, because the disk is full or may not be written,
 * is kept with those after it, in order, and tried again until it is.
 * @throws AppError `disk.labelFail` when it is kept and not written yet
 */
export function writeOrKeep<T>(project: Project, act: () => T, onWritten: () => void): T {
  const kept = waiting.get(project);
  if (!kept) {
    try {
      return act();
    } catch (error) {
      if (!isUnwritable(error)) throw error;
    }
  }
  throw keep(project, kept, act, onWritten);
}

function keep(project: Project, kept: Waiting | undefined, act: () => void, onWritten: () => void): AppError {
  const queue: Waiting = kept ?? { acts: [], timer: undefined };
  waiting.set(project, queue);
  queue.acts.push(() => act());
  setUnsaved(project.id, queue.acts.length);
  queue.timer ??= setInterval(() => {
    if (retry(project, queue)) onWritten();
  }, retryMs);
  return new AppError('disk.labelFail', { unsaved: queue.acts.length });
}

/** @returns whether something was written */
function retry(project: Project, queue: Waiting): boolean {
  let written = 0;
  while (queue.acts.length > 0 && project.db.open) {
    try {
      queue.acts[0]!();
    } catch (error) {
      if (isUnwritable(error)) break;
      // What can no longer be done at all must not hold up what came after it.
    }
    queue.acts.shift();
    written += 1;
  }
  if (queue.acts.length === 0 || !project.db.open) {
    clearInterval(queue.timer);
    waiting.delete(project);
  }
  if (written > 0) setUnsaved(project.id, queue.acts.length);
  return written > 0;
}

/** Tries at once what waits; for a project that is about to be closed, and when space was freed. */
export function retryUnsaved(project: Project): number {
  const queue = waiting.get(project);
  if (queue) retry(project, queue);
  return waiting.get(project)?.acts.length ?? 0;
}
