import '../../guard/no-network.ts';
import { createProviderExecutor } from './executor.ts';
import type { ProbeReply } from './probe.ts';
import type { ProviderName } from './providers.ts';
import { selfTests, stepsPerSecond } from './self-test.ts';

/** Tries the provider named on the command line and tells the parent. */
async function answer(provider: ProviderName): Promise<ProbeReply> {
  try {
    const executor = await createProviderExecutor(provider);
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

process.send?.(await answer(process.argv[2] as ProviderName));
