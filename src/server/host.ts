import { coreCalls, coreEvents, type CoreCalls, type CoreEvents } from '../contract/core-calls.ts';
import { ownSeat, type Seat } from '../contract/seat.ts';
import { forkChild } from '../processes/fork.ts';
import { startProcesses, type ProcessName } from '../processes/processes.ts';
import type { Notice } from '../processes/supervise.ts';
import { connect } from '../rpc/connect.ts';
import type { Client, Port } from '../rpc/types.ts';

export interface HostOptions {
  debug?: boolean;
  /** Told when a process died, came back, or was given up. */
  onNotice?: (notice: Notice) => void;
  /** Other programs in their place, for tests. */
  entries?: { core?: URL; engine?: URL };
}

export interface Host {
  /** A client of core in this process, for the person at this computer. */
  connect(): Client<CoreCalls, CoreEvents>;
  /** A port to core, for a relay from a socket. */
  openPort(seat: Seat): Port;
  pid(process: ProcessName): number | undefined;
  stop(): Promise<void>;
}

/** Core and engine as children of this process; they end with it. */
export function startHost({ debug = false, onNotice, entries }: HostOptions = {}): Host {
  const processes = startProcesses(
    (name) =>
      forkChild(entries?.[name] ?? new URL(`../${name}/entry.ts`, import.meta.url), {
        debug,
        givesWay: name === 'engine',
      }),
    onNotice,
  );
  process.once('exit', processes.kill);
  return {
    connect: () => connect(coreCalls, coreEvents, processes.openPort(ownSeat)),
    openPort: processes.openPort,
    pid: processes.pid,
    async stop() {
      await processes.stop();
      process.removeListener('exit', processes.kill);
    },
  };
}
