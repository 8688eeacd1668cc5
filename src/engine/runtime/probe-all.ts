import type { Machine } from '../../contract/machine.ts';
import { probe } from './probe.ts';
import type { ProbeReply } from './probe.ts';
import { providers } from './providers.ts';
import type { Provider } from './providers.ts';

type ProviderReport = Machine['providers'][number];

/** A provider must beat the processor by this much to be worth its start. */
const WORTH = 1.1;

/** What a reply means beside the speed of the processor. */
export function report({ name }: Provider, reply: ProbeReply, cpuSpeed: number | null): ProviderReport {
  const wrong = reply.selfTests.find((test) => !test.passed);
  const speed = reply.stepsPerSecond !== null && cpuSpeed ? reply.stepsPerSecond / cpuSpeed : null;
  const reason =
    reply.problem ??
    (wrong ? `Its self-test of ${wrong.name} fails: it ${wrong.detail}.` : null) ??
    (name !== 'cpu' && (speed ?? 0) < WORTH
      ? `It is not faster than the processor (${(speed ?? 0).toFixed(2)} times its speed).`
      : null);
  return {
    name,
    available: reply.problem === null,
    offered: reason === null,
    reason,
    selfTests: reply.selfTests,
    speed,
  };
}

const absent = (name: string, reason: string): ProviderReport => ({
  name,
  available: false,
  offered: false,
  reason,
  selfTests: [],
  speed: null,
});

/**
 * What each provider is good for, tried in processes of their own. The processor is tried only where another provider
 * needs its speed to be compared with, or where `always`.
 */
export async function probeAll(always = false): Promise<ProviderReport[]> {
  const candidates = providers.filter((p) => p.name !== 'cpu' && p.missing() === null);
  const cpuReply = always || candidates.length ? await probe('cpu') : null;
  const reports: ProviderReport[] = [];
  for (const provider of providers) {
    const missing = provider.missing();
    if (provider.name === 'cpu') {
      if (cpuReply) reports.push(report(provider, cpuReply, cpuReply.stepsPerSecond));
    } else if (missing) reports.push(absent(provider.name, missing));
    else reports.push(report(provider, await probe(provider.name), cpuReply?.stepsPerSecond ?? null));
  }
  return reports;
}
