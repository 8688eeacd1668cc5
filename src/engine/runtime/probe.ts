import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { selfTestSchema } from '../../contract/machine.ts';
import { askChild } from './asked-child.ts';
import type { Candidate } from './providers.ts';

export const probeReplySchema = z.object({
  selfTests: z.array(selfTestSchema),
  /** Null where it is not right, and where it was too slow to be told in time. */
  stepsPerSecond: z.number().nullable(),
  problem: z.string().nullable(),
});
export type ProbeReply = z.infer<typeof probeReplySchema>;

const TIME_LIMIT_MS = 120_000;
const childScript = fileURLToPath(new URL('./probe-child.ts', import.meta.url));

/**
 * Tries a candidate in a process of its own, which may crash or hang: then the reply says so.
 * `script` is what the process runs.
 */
export function probe(candidate: Candidate, script = childScript, timeLimitMs = TIME_LIMIT_MS): Promise<ProbeReply> {
  /** It is right; its speed will follow. */
  let right: ProbeReply | null = null;
  return askChild<ProbeReply>({
    script,
    words: [candidate],
    timeLimitMs,
    read(message) {
      const reply = probeReplySchema.parse(message);
      const { selfTests, stepsPerSecond, problem } = reply;
      if (problem !== null || stepsPerSecond !== null || selfTests.some(({ passed }) => !passed)) return reply;
      right = reply;
      return null;
    },
    failed: (problem) => ({ selfTests: [], stepsPerSecond: null, problem }),
    late: () => right,
  });
}
