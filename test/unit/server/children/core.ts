import { coreCalls, coreEvents } from '../../../../src/contract/core-calls.ts';
import { engineCalls } from '../../../../src/contract/engine-calls.ts';
import { channels } from '../../../../src/rpc/channels.ts';
import { runChild } from '../../../../src/rpc/child.ts';
import { connect } from '../../../../src/rpc/connect.ts';
import { serve } from '../../../../src/rpc/serve.ts';
import type { Handlers } from '../../../../src/rpc/types.ts';
import type { CoreCalls } from '../../../../src/contract/core-calls.ts';

// A core that can only pass the question about the machine on, and say who it is.
const base = channels(runChild().port);
const engine = connect(engineCalls, {}, base.channel('engine'));
const handlers: Partial<Handlers<CoreCalls>> = {
  'machine.describe': (input, { signal, progress }) =>
    engine.call('machine.describe', input, { signal, onProgress: progress }),
  'audit.verify': ({ project }, { progress }) => {
    progress({ stage: 'waiting', fraction: 0 });
    if (project === 'wait') return new Promise(() => undefined);
    return Promise.resolve({ ok: true, entries: process.pid, head: '', problems: [] });
  },
};
base.onOpen((_name, port) => serve(coreCalls, handlers as Handlers<CoreCalls>, port, { events: coreEvents }));
