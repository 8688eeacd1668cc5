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

/** Tries the candidate named on the command line and tells the parent. */
async function answer(candidate: Candidate): Promise<ProbeReply> {
  try {
    const executor = await open(candidate);
    const tests = await selfTests(executor);
    const passed = tests.every((test) => test.passed);
    return { selfTests: tests, stepsPerSecond: passed ? await stepsPerSecond(executor) : null, problem: null };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return {
      selfTests: [],
      stepsPerSecond: null,
      problem: `It cannot be opened: ${reason.split('\n')[0]?.slice(0, 160)}.`,
    };
  }
}

process.send?.(await answer(process.argv[2] as Candidate));
