import { coreCalls, coreEvents, type CoreEvents } from '../contract/core-calls.ts';
import { engineCalls } from '../contract/engine-calls.ts';
import { channels } from '../rpc/channels.ts';
import { connect } from '../rpc/connect.ts';
import { runChild } from '../rpc/child.ts';
import { serve } from '../rpc/serve.ts';
import type { Server } from '../rpc/types.ts';
import { coreHandlers } from './handlers.ts';

// The core process: its parent's IPC carries one channel per connected shell, and one to the engine.
const { port, onError } = runChild();
const base = channels(port);
const shells = new Set<Server<CoreEvents>>();
const handlers = coreHandlers({
  engine: connect(engineCalls, {}, base.channel('engine')),
  emit: (name, data) => shells.forEach((shell) => shell.emit(name, data)),
});

base.onOpen((_name, shellPort) => {
  const shell = serve(coreCalls, handlers, shellPort, { events: coreEvents, onError });
  shells.add(shell);
  shellPort.onClose(() => shells.delete(shell));
});
