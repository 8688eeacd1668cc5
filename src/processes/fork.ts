import { fork } from 'node:child_process';
import { constants, setPriority } from 'node:os';
import { fileURLToPath } from 'node:url';
import { ipcPort, TEXT_FRAMES } from '../rpc/transports.ts';
import type { Child } from './supervise.ts';

/** Of what a child prints, the last so many characters are kept to say how it ended. */
const PRINTED_KEPT = 4_000;

const ownGuard = new URL('../guard/no-network.ts', import.meta.url);
/** From the guard: what Node made of the code, beside it, as `scripts/node24.mjs` says it for the first process. */
const compiled = '../../node_modules/.cache/compiled';

export interface ForkOptions {
  readonly debug?: boolean;
  /** Gives way to everything else that wants the processor: the window stays smooth while it works. */
  readonly givesWay?: boolean;
  /**
   * Where this process is Electron and bundled: the Node the child runs on, and the guard's own file. Its frames are
   * text, as Electron's structured clones may be of a kind that this Node cannot read.
   */
  readonly outside?: { readonly node: string; readonly guard: URL };
}

/** Starts a program of Acclimate as a child of this process, behind the network guard, with telemetry off. */
export function forkChild(entry: URL, { debug = false, givesWay = false, outside }: ForkOptions): Child {
  const guard = outside?.guard ?? ownGuard;
  const child = fork(fileURLToPath(entry), [], {
    execArgv: ['--disable-warning=ExperimentalWarning', '--import', guard.href],
    ...(outside === undefined ? { serialization: 'advanced' } : { execPath: outside.node, serialization: 'json' }),
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    // A group of its own, so that Ctrl-C reaches the shell alone and it decides what is stopped, and when.
    detached: process.platform !== 'win32',
    env: {
      ...process.env,
      ORT_DISABLE_TELEMETRY: '1',
      NODE_COMPILE_CACHE: process.env['NODE_COMPILE_CACHE'] ?? fileURLToPath(new URL(compiled, guard)),
      ...(debug ? { ACCLIMATE_DEBUG: '1' } : {}),
      ...(outside === undefined ? {} : { [TEXT_FRAMES]: '1' }),
    },
  });
  if (givesWay && child.pid !== undefined) {
    try {
      setPriority(child.pid, constants.priority.PRIORITY_BELOW_NORMAL);
    } catch {
      // It has ended already, or the system does not allow it: then it works like any other.
    }
  }
  let printed = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream?.on('data', (chunk: Buffer) => {
      printed = (printed + chunk.toString()).slice(-PRINTED_KEPT);
      if (debug) process.stderr.write(chunk);
    });
  }
  return {
    port: ipcPort(child, outside !== undefined),
    pid: child.pid,
    onExit(listener) {
      child.once('exit', (code, signal) => listener(`${signal ?? `status ${String(code)}`}\n${printed}`.trim()));
      // Without a pid it never ran, and nothing else tells. A signal that came too late is followed by the exit.
      child.on('error', (error) => {
        if (child.pid === undefined) listener(error.message);
      });
    },
    end: () => void (child.connected && child.disconnect()),
    kill: () => void child.kill('SIGKILL'),
  };
}
