import { Worker } from 'node:worker_threads';
import { AppError } from '../../contract/errors.ts';
import type { Project } from '../db/open.ts';
import type { Answer, Queries, QueryKind, Question } from './messages.ts';

const threadFile = new URL('./query-thread.ts', import.meta.url);

/** Questions to the thread of one project, answered one after the other. */
interface QueryThread {
  ask<K extends QueryKind>(kind: K, ask: Queries[K]['ask'], signal?: AbortSignal): Promise<Queries[K]['answer']>;
  close(): void;
}

interface Waiting {
  resolve(answer: unknown): void;
  reject(error: unknown): void;
}

function startThread(database: string): QueryThread {
  const waiting = new Map<number, Waiting>();
  let next = 1;
  let ended = false;
  const worker = new Worker(threadFile, { workerData: { database } });
  const end = (error: AppError): void => {
    ended = true;
    for (const { reject } of waiting.values()) reject(error);
    waiting.clear();
    settle();
  };
  // A thread that waits must not keep the process; one that works does.
  const settle = (): void => (waiting.size > 0 && !ended ? worker.ref() : worker.unref());
  worker.on('message', (answer: Answer) => {
    const asked = waiting.get(answer.id);
    waiting.delete(answer.id);
    settle();
    if (answer.ok) asked?.resolve(answer.answer);
    else asked?.reject(AppError.fromShape(answer.error));
  });
  worker.on('error', (error) => end(AppError.from(error)));
  worker.on('exit', () => end(new AppError('process.died')));
  return {
    ask: (kind, ask, signal) => {
      signal?.throwIfAborted();
      if (ended) throw new AppError('process.died');
      return new Promise((resolve, reject) => {
        const id = next++;
        waiting.set(id, { resolve: resolve as (answer: unknown) => void, reject });
        settle();
        worker.postMessage({ id, kind, ask } as Question);
      });
    },
    close: () => void worker.terminate(),
  };
}

const threads = new WeakMap<Project, QueryThread>();

/** The query thread of an open project: started at the first question, ended with the project, started anew when it died. */
export function queries(project: Project): Pick<QueryThread, 'ask'> {
  return {
    ask: async (kind, ask, signal) => {
      const thread = threadOf(project);
      try {
        return await thread.ask(kind, ask, signal);
      } catch (error) {
        const isDead = error instanceof AppError && error.code === 'process.died';
        if (!isDead || !project.db.open) throw error;
        // A question changes nothing, so it can be asked again.
        if (threads.get(project) === thread) threads.delete(project);
        return threadOf(project).ask(kind, ask, signal);
      }
    },
  };
}

function threadOf(project: Project): QueryThread {
  const known = threads.get(project);
  if (known) return known;
  const thread = startThread(project.paths.database);
  threads.set(project, thread);
  project.onClose(() => thread.close());
  return thread;
}
