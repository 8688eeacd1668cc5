import { fork, type Serializable } from 'node:child_process';

const guard = new URL('../../guard/no-network.ts', import.meta.url);

export interface Question<T> {
  /** What the process runs. */
  readonly script: string;
  readonly words?: readonly string[];
  /** Sent to it at once. */
  readonly ask?: Serializable;
  readonly timeLimitMs: number;
  readonly signal?: AbortSignal;
  /** What a message means: the answer, or null where more is to come. @throws where it makes no sense */
  read(message: unknown): T | null;
  /** The answer where none came, with why in a sentence. */
  failed(problem: string): T;
  /** The answer where time is up; `failed` without it. */
  late?(): T | null;
}

/**
 * Asks a process of its own, without a network, which may crash or hang; it is gone when its answer is there.
 * @throws the signal's reason when it is aborted
 */
export function askChild<T>(question: Question<T>): Promise<T> {
  const { script, words = [], ask, timeLimitMs, signal } = question;
  return new Promise((resolve, reject) => {
    const child = fork(script, words, {
      stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
      execArgv: ['--import', guard.href],
      serialization: 'advanced',
    });
    const end = (): void => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', aborted);
      child.removeAllListeners();
      child.kill('SIGKILL');
    };
    const finish = (answer: T): void => {
      end();
      resolve(answer);
    };
    const failed = (problem: string): void => finish(question.failed(problem));
    const aborted = (): void => {
      end();
      reject(signal?.reason as Error);
    };
    const late = (): T => question.late?.() ?? question.failed('It did not answer in time.');
    const timer = setTimeout(() => finish(late()), timeLimitMs);
    signal?.addEventListener('abort', aborted);
    child.on('message', (message) => {
      try {
        const answer = question.read(message);
        if (answer !== null) finish(answer);
      } catch {
        failed('Its answer made no sense.');
      }
    });
    child.once('error', () => failed('Its process could not be started.'));
    child.once('exit', (code, by) => failed(`It crashed when it was tried (${by ?? `exit ${code}`}).`));
    if (ask !== undefined) child.send(ask);
  });
}
