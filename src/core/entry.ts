import { coreCalls, coreEvents, type CoreEvents } from '../contract/core-calls.ts';
import { engineCalls } from '../contract/engine-calls.ts';
import { clientChannelSchema, type Seat } from '../contract/seat.ts';
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
const shells = new Map<Server<CoreEvents>, Seat>();
const handlers = seated(
  coreHandlers({
    engine: connect(engineCalls, {}, base.channel('engine')),
    emit: (name, data) => [...shells.keys()].forEach((shell) => shell.emit(name, data)),
    seats: () => [...shells.values()],
  }),
);

base.onOpen((name, shellPort) => {
  const { seat } = clientChannelSchema.parse(JSON.parse(name));
  const shell = serve(coreCalls, handlers, shellPort, { events: coreEvents, seat, onError });
  shells.set(shell, seat);
  shellPort.onClose(() => shells.delete(shell));
});
