import { fork, type ChildProcess } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { ipcPort } from '../rpc/transports.ts';
import type { Port } from '../rpc/types.ts';

/** A child that lived this long was well: its next death starts a new count. */
const HEALTHY_MS = 10_000;
const FIRST_DELAY_MS = 100;
const MAX_QUICK_DEATHS = 5;
/** How long a child may take to end by itself before it is killed. */
const STOP_MS = 5_000;
const STDERR_KEPT = 4_000;

export interface Notice {
  readonly process: string;
  readonly what: 'died' | 'restarted' | 'given-up';
  /** How it ended and the end of what it printed; for `--debug`. */
  readonly detail: string;
}

export interface SupervisorOptions {
  readonly name: string;
  readonly entry: URL;
  readonly debug: boolean;
  onNotice(notice: Notice): void;
}

export interface Supervised {
  /** Stays open across restarts; the child starts at the first frame, and frames wait while it is down. */
  readonly port: Port;
  /** Called at each death: nothing that was sent before will be answered. */
  onDeath(listener: () => void): void;
  pid(): number | undefined;
  /** Lets the child end by itself; kills it if it does not. */
  stop(): Promise<void>;
  kill(): void;
}

const guard = new URL('../guard/no-network.ts', import.meta.url);

export function supervise(options: SupervisorOptions): Supervised {
  const frames = new Set<(frame: unknown) => void>();
  const deaths = new Set<() => void>();
  const waiting: object[] = [];
  let child: ChildProcess | undefined;
  let pipe: Port | undefined;
  let quickDeaths = 0;
  let retry: NodeJS.Timeout | undefined;
  let stopped = false;

  const die = (detail: string): void => {
    child = undefined;
    pipe = undefined;
    waiting.length = 0;
    options.onNotice({ process: options.name, what: 'died', detail });
    if (quickDeaths > MAX_QUICK_DEATHS) {
      options.onNotice({ process: options.name, what: 'given-up', detail });
    } else {
      retry = setTimeout(
        () => {
          retry = undefined;
          start();
          options.onNotice({ process: options.name, what: 'restarted', detail: '' });
        },
        FIRST_DELAY_MS * 2 ** (quickDeaths - 1),
      );
    }
    deaths.forEach((listener) => listener());
  };

  const start = (): void => {
    const startedAt = Date.now();
    const started = fork(fileURLToPath(options.entry), [], {
      execArgv: existsSync(guard) ? ['--import', guard.href] : [],
      serialization: 'advanced',
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
      // A group of its own, so that Ctrl-C reaches the shell alone and it decides what is stopped, and when.
      detached: process.platform !== 'win32',
      env: {
        ...process.env,
        ORT_DISABLE_TELEMETRY: '1',
        ...(options.debug ? { ACCLIMATE_DEBUG: '1' } : {}),
      },
    });
    let printed = '';
    for (const stream of [started.stdout, started.stderr]) {
      stream?.on('data', (chunk: Buffer) => {
        printed = (printed + chunk.toString()).slice(-STDERR_KEPT);
        if (options.debug) process.stderr.write(chunk);
      });
    }
    child = started;
    pipe = ipcPort(started);
    pipe.onFrame((frame) => frames.forEach((listener) => listener(frame)));
    started.once('error', () => undefined);
    started.once('exit', (code, signal) => {
      if (stopped || child !== started) return;
      quickDeaths = Date.now() - startedAt < HEALTHY_MS ? quickDeaths + 1 : 1;
      die(`${signal ?? `status ${String(code)}`}\n${printed}`.trim());
    });
    for (const frame of waiting.splice(0)) pipe.send(frame);
  };

  const send = (frame: object): void => {
    if (stopped) return;
    if (pipe !== undefined) return pipe.send(frame);
    if (quickDeaths > MAX_QUICK_DEATHS) {
      queueMicrotask(() => deaths.forEach((listener) => listener()));
      return;
    }
    waiting.push(frame);
    if (retry === undefined) start();
  };

  const kill = (): void => {
    stopped = true;
    clearTimeout(retry);
    child?.kill('SIGKILL');
  };

  return {
    port: {
      send,
      onFrame: (listener) => frames.add(listener),
      onClose: () => undefined,
      close: kill,
    },
    onDeath: (listener) => deaths.add(listener),
    pid: () => child?.pid,
    async stop() {
      stopped = true;
      clearTimeout(retry);
      const ending = child;
      if (ending === undefined || ending.exitCode !== null || ending.signalCode !== null) return;
      const exit = new Promise<void>((resolve) => ending.once('exit', () => resolve()));
      const timer = setTimeout(() => ending.kill('SIGKILL'), STOP_MS);
      if (ending.connected) ending.disconnect();
      await exit;
      clearTimeout(timer);
    },
    kill,
  };
}
