import { Worker } from 'node:worker_threads';
import { AppError, type ErrorShape } from '../contract/errors.ts';

/** What a thread says to a question. */
export type Answer = { id: number; ok: true; answer: unknown } | { id: number; ok: false; error: ErrorShape };

/** A thread that answers questions, each with its number, one after the other. */
export interface AskedThread {
  /** @throws AppError what the thread threw, and `process.died` */
  ask(question: object): Promise<unknown>;
  close(): void;
}

interface Options {
  readonly workerData?: unknown;
  /** Ends by itself when it was asked nothing for so long. */
  readonly restMs?: number;
  /** Called when nothing can be asked any more. */
  readonly onEnd?: () => void;
}

interface Waiting {
  resolve(answer: unknown): void;
  reject(error: unknown): void;
}

export function startAskedThread(file: URL, { workerData, restMs, onEnd }: Options = {}): AskedThread {
  const waiting = new Map<number, Waiting>();
  let next = 1;
  let ended = false;
  let rest: NodeJS.Timeout | undefined;
  const worker = new Worker(file, { workerData });
  const close = (): void => void worker.terminate();
  const end = (error: AppError): void => {
    if (!ended) onEnd?.();
    ended = true;
    for (const { reject } of waiting.values()) reject(error);
    waiting.clear();
    settle();
  };
  // A thread that waits must not keep the process; one that works does.
  const settle = (): void => {
    clearTimeout(rest);
    if (waiting.size > 0 && !ended) return worker.ref();
    worker.unref();
    if (restMs !== undefined && !ended) rest = setTimeout(close, restMs).unref();
  };
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
    ask: (question) => {
      if (ended) return Promise.reject(new AppError('process.died'));
      return new Promise((resolve, reject) => {
        const id = next++;
        waiting.set(id, { resolve, reject });
        settle();
        worker.postMessage({ ...question, id });
      });
    },
    close,
  };
}

/** In the thread: what a question comes to. */
export function answered(id: number, work: () => unknown): Answer {
  try {
    return { id, ok: true, answer: work() };
  } catch (error) {
    return { id, ok: false, error: AppError.from(error).toShape() };
  }
}
