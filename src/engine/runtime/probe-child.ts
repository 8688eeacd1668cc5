import '../../guard/no-network.ts';
import { faultyExecutor, isFaultyProvider } from '../fault.ts';
import type { Executor } from '../nn/types.ts';
import { createEagerExecutor, createProviderExecutor } from './executor.ts';
import { NATIVE, nativeTensorflow } from './native-tensorflow.ts';
import type { ProbeReply } from './probe.ts';
import type { Candidate } from './providers.ts';
import { selfTests, stepsPerSecond } from './self-test.ts';

async function open(candidate: Candidate): Promise<Executor> {
  if (isFaultyProvider(candidate)) return faultyExecutor(await createProviderExecutor('cpu'));
  if (candidate !== NATIVE) return createProviderExecutor(candidate);
  const { problem } = nativeTensorflow();
  if (problem !== null) throw new Error(problem);
  return createEagerExecutor();
}

/** Tries the candidate named on the command line. Whether it is right is told before its speed is measured. */
async function answer(candidate: Candidate, tell: (reply: ProbeReply) => void): Promise<ProbeReply> {
  try {
    const executor = await open(candidate);
    const tests = await selfTests(executor);
    const found = { selfTests: tests, stepsPerSecond: null, problem: null };
    if (!tests.every((test) => test.passed)) return found;
    tell(found);
    return { ...found, stepsPerSecond: await stepsPerSecond(executor) };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return {
      selfTests: [],
      stepsPerSecond: null,
      problem: `It cannot be opened: ${reason.split('\n')[0]?.slice(0, 160)}.`,
    };
  }
}

const tell = (reply: ProbeReply): void => void process.send?.(reply);
tell(await answer(process.argv[2] as Candidate, tell));
