import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { askChild } from './asked-child.ts';

export const askSchema = z.object({ path: z.string(), pixels: z.instanceof(Uint8Array) });
const replySchema = z.union([
  z.object({ probabilities: z.instanceof(Float32Array), problem: z.null() }),
  z.object({ probabilities: z.null(), problem: z.string() }),
]);
export type ModelReply = z.infer<typeof replySchema>;

const TIME_LIMIT_MS = 300_000;
const childScript = fileURLToPath(new URL('./model-child.ts', import.meta.url));

/**
 * What a model file says of records, in a session of a new process: nothing that made the file can help it there.
 * A process that dies or hangs is a problem too.
 * @param pixels records of the model's side, back to back
 */
export function inFreshSession(path: string, pixels: Uint8Array, signal: AbortSignal): Promise<ModelReply> {
  return askChild<ModelReply>({
    script: childScript,
    ask: { path, pixels },
    timeLimitMs: TIME_LIMIT_MS,
    signal,
    read: (message) => replySchema.parse(message),
    failed: (problem) => ({ probabilities: null, problem }),
  });
}
