import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { selfTestSchema } from '../../contract/machine.ts';
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
const guard = new URL('../../guard/no-network.ts', import.meta.url);

/**
 * Tries a candidate in a process of its own, which may crash or hang: then the reply says so.
 * `script` is what the process runs.
 */
export function probe(candidate: Candidate, script = childScript, timeLimit = TIME_LIMIT_MS): Promise<ProbeReply> {
  return new Promise((resolve) => {
    const child = fork(script, [candidate], {
      stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
      execArgv: ['--import', guard.href],
    });
    const finish = (reply: ProbeReply) => {
      clearTimeout(timer);
      child.removeAllListeners();
      child.kill('SIGKILL');
      resolve(reply);
    };
    const failed = (problem: string) => finish({ selfTests: [], stepsPerSecond: null, problem });
    /** It is right; its speed will follow. */
    let right: ProbeReply | null = null;
    const timer = setTimeout(() => (right ? finish(right) : failed('It did not answer in time.')), timeLimit);
    child.on('message', (message) => {
      const reply = probeReplySchema.safeParse(message);
      if (!reply.success) return failed('Its answer made no sense.');
      const { selfTests, stepsPerSecond, problem } = reply.data;
      if (problem === null && stepsPerSecond === null && selfTests.every(({ passed }) => passed)) right = reply.data;
      else finish(reply.data);
    });
    child.once('error', () => failed('Its process could not be started.'));
    child.once('exit', (code, signal) => failed(`It crashed when tried (${signal ?? `exit ${code}`}).`));
  });
}
