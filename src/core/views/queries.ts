import { AppError } from '../../contract/errors.ts';
import { startAskedThread, type AskedThread } from '../asked-thread.ts';
import type { Project } from '../db/open.ts';
import type { Queries, QueryKind } from './messages.ts';

const threadFile = new URL('./query-thread.ts', import.meta.url);

/** Questions to the thread of one project. */
interface QueryThread {
  ask<K extends QueryKind>(kind: K, ask: Queries[K]['ask'], signal?: AbortSignal): Promise<Queries[K]['answer']>;
}

const threads = new WeakMap<Project, AskedThread>();

/** The query thread of an open project: started at the first question, ended with the project, started anew when it died. */
export function queries(project: Project): QueryThread {
  return {
    ask: async <K extends QueryKind>(kind: K, ask: Queries[K]['ask'], signal?: AbortSignal) => {
      signal?.throwIfAborted();
      const question = { kind, ask };
      const thread = threadOf(project);
      try {
        return (await thread.ask(question)) as Queries[K]['answer'];
      } catch (error) {
        const isDead = error instanceof AppError && error.code === 'process.died';
        if (!isDead || !project.db.open) throw error;
        // A question changes nothing, so it can be asked again.
        if (threads.get(project) === thread) threads.delete(project);
        signal?.throwIfAborted();
        return (await threadOf(project).ask(question)) as Queries[K]['answer'];
      }
    },
  };
}

function threadOf(project: Project): AskedThread {
  const known = threads.get(project);
  if (known) return known;
  const thread = startAskedThread(threadFile, { workerData: { database: project.paths.database } });
  threads.set(project, thread);
  project.onClose(thread.close);
  return thread;
}
