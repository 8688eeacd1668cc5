import { AppError, type ErrorCode } from '../../contract/errors.ts';
import type { Project } from '../db/open.ts';
import { setUnsaved } from '../projects/board.ts';

const retryMs = 5_000;
const cannotBeWritten: ReadonlySet<ErrorCode> = new Set(['project.diskFull', 'project.readOnly']);

interface Kept {
  readonly act: () => void;
  /** What follows from labels, and is none itself, is not counted. */
  readonly isLabel: boolean;
}
interface Waiting {
  readonly acts: Kept[];
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
  if (!kept) {
    waiting.set(project, queue);
    project.onClose(() => void retry(project, queue));
  }
  queue.acts.push({ act, isLabel: true });
  const unsaved = labelsOf(queue);
  setUnsaved(project.id, unsaved);
  queue.timer ??= setInterval(() => {
    if (retry(project, queue)) onWritten();
  }, retryMs);
  return new AppError('disk.labelFail', { unsaved });
}

const labelsOf = ({ acts }: Waiting): number => acts.filter(({ isLabel }) => isLabel).length;

/** Does something that can wait until the labels before it are written: at once where none wait. */
export function afterUnsaved(project: Project, act: () => void): void {
  const queue = waiting.get(project);
  if (queue) queue.acts.push({ act, isLabel: false });
  else act();
}

/**
 * Reads a project as it will be when what is kept is written; changes nothing. Null where nothing is kept.
 * @param read done when it returns: nothing else may happen to the project meanwhile
 */
export function readWithUnsaved<T>(project: Project, read: () => T): T | null {
  const queue = waiting.get(project);
  if (!queue) return null;
  const { db } = project;
  // Changes of a transaction stay in memory until its end, which never comes.
  db.pragma('cache_spill = OFF');
  db.exec('BEGIN IMMEDIATE');
  try {
    for (const { act } of queue.acts) {
      try {
        act();
      } catch {
        // Neither can it be written later.
      }
    }
    return read();
  } finally {
    db.exec('ROLLBACK');
    db.pragma('cache_spill = ON');
  }
}

/** @returns whether something was written */
function retry(project: Project, queue: Waiting): boolean {
  let written = 0;
  while (queue.acts.length > 0 && project.db.open) {
    try {
      queue.acts[0]!.act();
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
  if (written > 0) setUnsaved(project.id, labelsOf(queue));
  return written > 0;
}
