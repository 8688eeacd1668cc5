import { coreCalls, coreEvents, type CoreEvents } from '../contract/core-calls.ts';
import { engineCalls } from '../contract/engine-calls.ts';
import { clientChannelSchema } from '../contract/seat.ts';
import { channels } from '../rpc/channels.ts';
import { connect } from '../rpc/connect.ts';
import { runChild } from '../rpc/child.ts';
import { serve } from '../rpc/serve.ts';
import type { Server } from '../rpc/types.ts';
import { coreHandlers } from './handlers.ts';
import { seated } from './seat.ts';

// The core process: its parent's IPC carries one channel per connected shell, and one to the engine.
const { port, onError } = runChild();
const base = channels(port);
const shells = new Set<Server<CoreEvents>>();
const handlers = seated(
  coreHandlers({
    engine: connect(engineCalls, {}, base.channel('engine')),
    emit: (name, data) => shells.forEach((shell) => shell.emit(name, data)),
  }),
);

base.onOpen((name, shellPort) => {
  const { seat } = clientChannelSchema.parse(JSON.parse(name));
  const shell = serve(coreCalls, handlers, shellPort, { events: coreEvents, seat, onError });
  shells.add(shell);
  shellPort.onClose(() => shells.delete(shell));
});
