import { readFileSync } from 'node:fs';
import { cpus, totalmem } from 'node:os';
import type { Machine, machineInputSchema } from '../../contract/machine.ts';
import type { z } from 'zod';
import { blockedRequests } from '../../guard/no-network.ts';
import { physicalCores } from './cores.ts';
import { runtimeVersion } from './executor.ts';
import { probeAll } from './probe-all.ts';
import { loadRuntime, telemetryOff } from './telemetry.ts';

const version = (): string =>
  (JSON.parse(readFileSync(new URL('../../../package.json', import.meta.url), 'utf8')) as { version: string }).version;

/** What this machine is. `full` tries each provider in a process of its own (seconds); else none is listed. */
export async function describeMachine({ full, provider }: z.infer<typeof machineInputSchema>): Promise<Machine> {
  const runtime = telemetryOff() ? runtimeVersion(await loadRuntime()) : 'not loaded';
  return {
    version: version(),
    node: process.version,
    platform: `${process.platform}-${process.arch}`,
    processor: cpus()[0]?.model.trim() ?? 'unknown',
    cores: physicalCores(),
    memoryBytes: totalmem(),
    runtime: `onnxruntime ${runtime}`,
    telemetryOff: telemetryOff(),
    providers: full ? await probeAll({ complete: true, only: provider }) : [],
    blockedRequests: blockedRequests(),
  };
}
