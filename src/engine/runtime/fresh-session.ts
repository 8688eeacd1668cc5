import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';

export const askSchema = z.object({ path: z.string(), pixels: z.instanceof(Uint8Array) });
const replySchema = z.union([
  z.object({ probabilities: z.instanceof(Float32Array), problem: z.null() }),
  z.object({ probabilities: z.null(), problem: z.string() }),
]);
export type ModelReply = z.infer<typeof replySchema>;

const TIME_LIMIT_MS = 300_000;
const childScript = fileURLToPath(new URL('./model-child.ts', import.meta.url));
const guard = new URL('../../guard/no-network.ts', import.meta.url);

/**
 * What a model file says of records, in a session of a new process: nothing that made the file can help it there.
 * A process that dies or hangs is a problem too.
 * @param pixels records of the model's side, back to back
 */
export function inFreshSession(path: string, pixels: Uint8Array, signal: AbortSignal): Promise<ModelReply> {
  return new Promise((resolve, reject) => {
    const child = fork(childScript, {
      stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
      execArgv: ['--import', guard.href],
      serialization: 'advanced',
    });
    const end = (): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', aborted);
      child.removeAllListeners();
      child.kill('SIGKILL');
    };
    const finish = (reply: ModelReply): void => {
      end();
      resolve(reply);
    };
    const failed = (problem: string): void => finish({ probabilities: null, problem });
    const aborted = (): void => {
      end();
      reject(signal.reason as Error);
    };
    const timer = setTimeout(() => failed('It did not answer in time.'), TIME_LIMIT_MS);
    signal.addEventListener('abort', aborted);
    child.on('message', (message) => {
      const reply = replySchema.safeParse(message);
      if (reply.success) finish(reply.data);
      else failed('Its answer made no sense.');
    });
    child.once('error', () => failed('Its process could not be started.'));
    child.once('exit', (code, by) => failed(`It crashed when it was opened (${by ?? `exit ${code}`}).`));
    child.send({ path, pixels });
  });
}
