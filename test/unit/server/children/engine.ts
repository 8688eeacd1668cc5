import { once } from 'node:events';
import { AppError } from '../../../../src/contract/errors.ts';
import { engineCalls, type EngineCalls } from '../../../../src/contract/engine-calls.ts';
import { channels } from '../../../../src/rpc/channels.ts';
import { runChild } from '../../../../src/rpc/child.ts';
import { serve } from '../../../../src/rpc/serve.ts';
import type { Handlers } from '../../../../src/rpc/types.ts';

// An engine that says who it is and what its last aborted job was told; asked for everything, it never ends.
let lastAbort = 'none';
const handlers: Partial<Handlers<EngineCalls>> = {
  async 'machine.describe'({ full }, { signal, progress }) {
    if (full) {
      const aborted = once(signal, 'abort');
      progress({ stage: 'test', fraction: 0.5 });
      await aborted;
      lastAbort = AppError.from(signal.reason).code;
      throw signal.reason;
    }
    return {
      version: lastAbort,
      node: '',
      platform: '',
      processor: '',
      cores: process.pid,
      memoryBytes: 0,
      runtime: process.env['ORT_DISABLE_TELEMETRY'] ?? '',
      telemetryOff: true,
      providers: [],
      blockedRequests: 0,
    };
  },
};
channels(runChild().port).onOpen((_name, port) => serve(engineCalls, handlers as Handlers<EngineCalls>, port));
