import { coreCalls, coreEvents, type CoreCalls, type CoreEvents } from '../contract/core-calls.ts';
import { channels } from '../rpc/channels.ts';
import { connect } from '../rpc/connect.ts';
import { interruptible, type Interruptible } from '../rpc/relay.ts';
import type { Client, Port } from '../rpc/types.ts';
import { supervise, type Notice } from './supervisor.ts';

export type { Notice } from './supervisor.ts';

export interface HostOptions {
  debug?: boolean;
  /** Told when a process died, came back, or was given up. */
  onNotice?: (notice: Notice) => void;
  /** Other programs in their place, for tests. */
  entries?: { core?: URL; engine?: URL };
}

export interface Host {
  /** A client of core, in this process. */
  connect(): Client<CoreCalls, CoreEvents>;
  /** A port to core, for a relay from a window or a socket. Each has its own calls. */
  openPort(): Port;
  pid(process: 'core' | 'engine'): number | undefined;
  stop(): Promise<void>;
}

/** Starts core (and, when it is first needed, the engine), carries frames between them, and restarts what dies. */
export function startHost(options: HostOptions = {}): Host {
  const { debug = false, onNotice = () => undefined } = options;
  const entry = (name: 'core' | 'engine'): URL =>
    options.entries?.[name] ?? new URL(`../${name}/entry.ts`, import.meta.url);
  const core = supervise({ name: 'core', entry: entry('core'), debug, onNotice });
  const engine = supervise({ name: 'engine', entry: entry('engine'), debug, onNotice });
  const toCore = channels(core.port);
  const toEngine = channels(engine.port);
  const clients = new Set<Interruptible>();

  // Core's port to the engine. A core that was restarted gets a new channel, so it never sees answers to its predecessor.
  const engineOfCore = toCore.channel('engine');
  let generation = 0;
  const openEngine = (): Interruptible => {
    generation += 1;
    const opened = interruptible(toEngine.channel(`core/${generation}`));
    opened.port.onFrame((frame) => engineOfCore.send(frame as object));
    return opened;
  };
  let engineLink = openEngine();
  engineOfCore.onFrame((frame) => engineLink.port.send(frame as object));

  engine.onDeath(() => engineLink.interrupt());
  core.onDeath(() => {
    if (engine.pid() !== undefined) engineLink.port.close();
    engineLink = openEngine();
    clients.forEach((client) => client.interrupt());
  });

  let opened = 0;
  const openPort = (): Port => {
    opened += 1;
    const client = interruptible(toCore.channel(`client/${opened}`));
    clients.add(client);
    client.port.onClose(() => clients.delete(client));
    return client.port;
  };

  const killAll = (): void => {
    core.kill();
    engine.kill();
  };
  process.once('exit', killAll);

  return {
    connect: () => connect(coreCalls, coreEvents, openPort()),
    openPort,
    pid: (name) => (name === 'core' ? core : engine).pid(),
    async stop() {
      // Core first: it may be telling the engine to stop.
      await core.stop();
      await engine.stop();
      process.removeListener('exit', killAll);
    },
  };
}
