import type { Machine } from '../../contract/machine.ts';
import { installedNative, NATIVE } from './native-tensorflow.ts';
import { probe } from './probe.ts';
import type { ProbeReply } from './probe.ts';
import { providers } from './providers.ts';
import type { Candidate, Provider } from './providers.ts';
import { loadRuntime } from './telemetry.ts';

type ProviderReport = Machine['providers'][number];

/** A provider must beat the processor by this much to be worth its start. */
const WORTH = 1.1;

function slow(speed: number | null): string | null {
  if (speed === null) return 'It is too slow for its speed to be measured in time.';
  return speed < WORTH ? `It is not faster than the processor (${speed.toFixed(2)} times its speed).` : null;
}

/** What a reply means beside the speed of the processor. */
export function report(
  { name }: { readonly name: string },
  reply: ProbeReply,
  cpuSpeed: number | null,
): ProviderReport {
  const wrong = reply.selfTests.find((test) => !test.passed);
  const speed = reply.stepsPerSecond !== null && cpuSpeed ? reply.stepsPerSecond / cpuSpeed : null;
  const reason =
    reply.problem ??
    (wrong ? `Its self-test of ${wrong.name} fails: it ${wrong.detail}.` : null) ??
    (name === 'cpu' ? null : slow(speed));
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

/** What the runtime on this system is built with. */
async function built(): Promise<ReadonlySet<string>> {
  return new Set((await loadRuntime()).listSupportedBackends().map(({ name }) => name));
}

/** Why a provider cannot be there at all. */
export function missing({ name, missing: lacks }: Provider, builtIn: ReadonlySet<string>): string | null {
  return builtIn.has(name) ? lacks() : `ONNX Runtime is built without it for ${process.platform} on ${process.arch}.`;
}

/** The native TF.js runs what `eager` runs. `auto` prefers ONNX Runtime, so it is told of but never offered. */
async function probeNative(cpuSpeed: number | null): Promise<ProviderReport> {
  if (!installedNative().length)
    return absent(NATIVE, 'The optional package @tensorflow/tfjs-node-gpu or @tensorflow/tfjs-node is not installed.');
  const found = report({ name: NATIVE }, await probe(NATIVE), cpuSpeed);
  return { ...found, offered: false, reason: found.reason ?? 'It is used with --engine eager only.' };
}

export interface ProbeOptions {
  /** For people: the processor always, and the native TF.js as well. */
  readonly complete?: boolean;
  /** Beside the processor, no other than this one. */
  readonly only?: Candidate | undefined;
}

/**
 * What each provider is good for, tried in processes of their own. The processor is tried only where another provider
 * needs its speed to be compared with, or a person asks.
 */
export async function probeAll({ complete = false, only }: ProbeOptions = {}): Promise<ProviderReport[]> {
  const isWanted = (name: Candidate): boolean => only === undefined || name === only;
  const builtIn = await built();
  const wanted = providers
    .filter(({ name }) => name !== 'cpu' && isWanted(name))
    .map((provider) => ({ ...provider, lack: missing(provider, builtIn) }));
  const cpuReply = complete || wanted.some(({ lack }) => lack === null) ? await probe('cpu') : null;
  const cpuSpeed = cpuReply?.stepsPerSecond ?? null;
  const reports = cpuReply ? [report({ name: 'cpu' }, cpuReply, cpuSpeed)] : [];
  for (const { name, lack } of wanted)
    reports.push(lack === null ? report({ name }, await probe(name), cpuSpeed) : absent(name, lack));
  if (complete && isWanted(NATIVE)) reports.push(await probeNative(cpuSpeed));
  return reports;
}
