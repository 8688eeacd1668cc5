import type { ClientChannel, Seat } from '../contract/seat.ts';
import { channels } from '../rpc/channels.ts';
import { interruptible, type Interruptible } from '../rpc/relay.ts';
import type { Port } from '../rpc/types.ts';
import { supervise, type Child, type Notice } from './supervise.ts';

export type ProcessName = 'core' | 'engine';

export interface Processes {
  /** A port to core for that seat: a client here, or a relay from a window or a socket. Each has its own calls. */
  openPort(seat: Seat): Port;
  pid(name: ProcessName): number | undefined;
  /** Lets both end by themselves. */
  stop(): Promise<void>;
  /** Ends both now, without waiting. */
  kill(): void;
}

/** Core sees a channel at its first frame and sends events from then on; this one it passes over. */
const hello = { t: 'gone' } as const;

/**
 * Core and engine behind a shell: starts each when it is first needed and again when it dies, and carries frames
 * between them and the clients without looking into any. Every client hears when one dies, is back, or is given up.
 */
export function startProcesses(
  start: (name: ProcessName) => Child,
  onNotice: (notice: Notice) => void = () => undefined,
): Processes {
  const clients = new Map<Interruptible, Port>();
  const notify = (notice: Notice): void => {
    onNotice(notice);
    const { process: name, what } = notice;
    const frame = { t: 'event', name: 'process.notice', data: { process: name, what } };
    clients.forEach((_channel, client) => client.tell(frame));
    if (name === 'core' && what === 'restarted') clients.forEach((channel) => channel.send(hello));
  };
  const core = supervise({ name: 'core', start: () => start('core'), onNotice: notify });
  const engine = supervise({ name: 'engine', start: () => start('engine'), onNotice: notify });
  const toCore = channels(core.port);
  const toEngine = channels(engine.port);

  // Core's port to the engine. A core that was restarted gets a new channel, so it never sees answers to its predecessor.
  const engineOfCore = toCore.channel('engine');
  let generation = 0;
  const openEngine = (): Interruptible => {
    generation += 1;
    const opened = interruptible(toEngine.channel(`core/${generation}`));
    opened.port.onFrame((frame) => {
      if (opened === engineLink) engineOfCore.send(frame as object);
    });
    return opened;
  };
  let engineLink = openEngine();
  engineOfCore.onFrame((frame) => engineLink.port.send(frame as object));

  engine.onDeath(() => engineLink.interrupt());
  core.onDeath(() => {
    if (engine.pid() !== undefined) engineLink.port.close();
    engineLink = openEngine();
    clients.forEach((_channel, client) => client.interrupt());
  });

  let opened = 0;
  return {
    openPort(seat) {
      opened += 1;
      const name = JSON.stringify({ client: opened, seat } satisfies ClientChannel);
      const channel = toCore.channel(name);
      const client = interruptible(channel);
      clients.set(client, channel);
      client.port.onClose(() => clients.delete(client));
      channel.send(hello);
      return client.port;
    },
    pid: (name) => (name === 'core' ? core : engine).pid(),
    async stop() {
      // Core first: it may be telling the engine to stop.
      await core.stop();
      await engine.stop();
    },
    kill() {
      core.kill();
      engine.kill();
    },
  };
}
