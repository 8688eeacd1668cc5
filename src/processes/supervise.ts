import type { Port } from '../rpc/types.ts';

/** A child that lived this long was well: its next death starts a new count. */
const HEALTHY_MS = 10_000;
const FIRST_DELAY_MS = 100;
const MAX_QUICK_DEATHS = 5;
/** How long a child may take to end by itself before it is killed. */
const STOP_MS = 5_000;

/** A running process, however it was started. */
export interface Child {
  readonly port: Port;
  readonly pid: number | undefined;
  /** Told once how it ended, for `--debug`. */
  onExit(listener: (detail: string) => void): void;
  /** Lets it end by itself. */
  end(): void;
  kill(): void;
}

export interface Notice {
  readonly process: string;
  readonly what: 'died' | 'restarted' | 'given-up';
  /** How it ended and the end of what it printed; for `--debug`. */
  readonly detail: string;
}

export interface SupervisorOptions {
  readonly name: string;
  start(): Child;
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

/** Keeps a process running from when it is first needed: it is started again when it dies, ever later, then given up. */
export function supervise(options: SupervisorOptions): Supervised {
  const frames = new Set<(frame: unknown) => void>();
  const deaths = new Set<() => void>();
  const waiting: object[] = [];
  let child: Child | undefined;
  let quickDeaths = 0;
  let retry: NodeJS.Timeout | undefined;
  let stopped = false;
  let onStopped = (): void => undefined;

  const die = (detail: string): void => {
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
    const started = options.start();
    child = started;
    started.port.onFrame((frame) => frames.forEach((listener) => listener(frame)));
    started.onExit((detail) => {
      child = undefined;
      if (stopped) return onStopped();
      quickDeaths = Date.now() - startedAt < HEALTHY_MS ? quickDeaths + 1 : 1;
      die(detail);
    });
    for (const frame of waiting.splice(0)) started.port.send(frame);
  };

  const send = (frame: object): void => {
    if (stopped) return;
    if (child !== undefined) return child.port.send(frame);
    if (quickDeaths > MAX_QUICK_DEATHS) {
      // Nothing will answer, and the sender must learn so.
      queueMicrotask(() => deaths.forEach((listener) => listener()));
      return;
    }
    waiting.push(frame);
    if (retry === undefined) start();
  };

  const giveUp = (): void => {
    stopped = true;
    clearTimeout(retry);
  };
  const kill = (): void => {
    giveUp();
    child?.kill();
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
      giveUp();
      const ending = child;
      if (ending === undefined) return;
      const exit = new Promise<void>((resolve) => (onStopped = resolve));
      const timer = setTimeout(() => ending.kill(), STOP_MS);
      ending.end();
      await exit;
      clearTimeout(timer);
    },
    kill,
  };
}
