import { existsSync } from 'node:fs';
import { Worker } from 'node:worker_threads';
import { AppError } from '../../contract/errors.ts';
import type { Project } from '../db/open.ts';
import { featureFile } from '../features/store.ts';

export interface NearQuestion {
  readonly id: number;
  readonly file: string;
  readonly image: number;
  readonly size: number;
}
export interface NearAnswer {
  readonly id: number;
  readonly images: number[];
}

const threadFile = new URL('./near-thread.ts', import.meta.url);
/** Features take their memory; a thread that is asked nothing for so long gives it back. */
const restMs = 60_000;

interface Waiting {
  resolve(images: number[]): void;
  reject(error: AppError): void;
}

class NearThread {
  readonly #worker = new Worker(threadFile);
  readonly #waiting = new Map<number, Waiting>();
  #next = 1;
  #rest: NodeJS.Timeout | undefined;

  /** @param onEnd called once, when nothing can be asked any more */
  constructor(onEnd: () => void) {
    const end = (error: AppError): void => {
      clearTimeout(this.#rest);
      onEnd();
      for (const { reject } of this.#waiting.values()) reject(error);
      this.#waiting.clear();
    };
    this.#worker.on('message', ({ id, images }: NearAnswer) => {
      this.#waiting.get(id)?.resolve(images);
      this.#waiting.delete(id);
      this.#settle();
    });
    this.#worker.on('error', (error) => end(AppError.from(error)));
    this.#worker.on('exit', () => end(new AppError('process.died')));
    this.#worker.unref();
  }

  ask(question: Omit<NearQuestion, 'id'>): Promise<number[]> {
    return new Promise((resolve, reject) => {
      const id = this.#next++;
      this.#waiting.set(id, { resolve, reject });
      this.#settle();
      this.#worker.postMessage({ id, ...question } satisfies NearQuestion);
    });
  }

  close(): void {
    void this.#worker.terminate();
  }

  /** A thread that rests must not keep the process; one that works does. */
  #settle(): void {
    clearTimeout(this.#rest);
    if (this.#waiting.size > 0) return this.#worker.ref();
    this.#worker.unref();
    this.#rest = setTimeout(() => this.close(), restMs);
    this.#rest.unref();
  }
}

const threads = new WeakMap<Project, NearThread>();

/** Images that look most like one, itself first; none where it has not been looked at yet. */
export function nearestImages(project: Project, image: number, size: number): Promise<number[]> {
  const file = featureFile(project);
  if (!existsSync(file)) return Promise.resolve([]);
  let thread = threads.get(project);
  if (!thread) {
    const started = new NearThread(() => {
      if (threads.get(project) === started) threads.delete(project);
    });
    threads.set(project, (thread = started));
    project.onClose(() => started.close());
  }
  return thread.ask({ file, image, size });
}
