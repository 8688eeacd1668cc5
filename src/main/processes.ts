import { channels } from '../rpc/channels.ts';
import { interruptible, type Interruptible } from '../rpc/relay.ts';
import type { Port } from '../rpc/types.ts';
import type { Child } from './utility.ts';

/** Of deaths this close together, so many end in giving up: the process cannot start. */
const quickMilliseconds = 10_000;
const mostQuickDeaths = 5;

export interface Processes {
  /** A port to core for one window. */
  openPort(): Port;
  stop(): void;
}

interface Kept {
  /** Frames to the process that runs now; it is started by the first. */
  readonly port: Port;
  isRunning(): boolean;
  stop(): void;
}

/** Keeps one process running: it starts when it is first needed, and again when it dies. */
function keep(start: () => Child, onDeath: () => void): Kept {
  const listeners = new Set<(frame: unknown) => void>();
  let child: Child | undefined;
  let stopped = false;
  let quickDeaths = 0;

  const running = (): Child | undefined => {
    if (child || stopped || quickDeaths >= mostQuickDeaths) return child;
    const started = start();
    const startedAt = Date.now();
    started.port.onFrame((frame) => listeners.forEach((listener) => listener(frame)));
    started.onExit(() => {
      child = undefined;
      quickDeaths = Date.now() - startedAt < quickMilliseconds ? quickDeaths + 1 : 0;
      if (!stopped) onDeath();
    });
    child = started;
    return started;
  };

  const stop = (): void => {
    stopped = true;
    child?.kill();
  };
  return {
    port: {
      send: (frame) => {
        const target = running();
        if (target) target.port.send(frame);
        // Given up: nothing will answer, and the sender must learn so.
        else if (!stopped) queueMicrotask(onDeath);
      },
      onFrame: (listener) => listeners.add(listener),
      onClose: () => undefined,
      close: stop,
    },
    isRunning: () => child !== undefined,
    stop,
  };
}

/** Core and engine behind the window: carries frames between them and the pages, and looks into none. */
export function startProcesses(start: (name: 'core' | 'engine') => Child): Processes {
  const pages = new Set<Interruptible>();
  let opened = 0;
  let generation = 0;
  let engineLink: Interruptible | undefined;

  const core = keep(
    () => start('core'),
    () => {
      // The next core knows nothing of what the last one asked the engine for.
      if (engine.isRunning()) engineLink?.port.close();
      linkEngine();
      pages.forEach((page) => page.interrupt());
    },
  );
  const engine = keep(
    () => start('engine'),
    () => engineLink?.interrupt(),
  );
  const toCore = channels(core.port);
  const toEngine = channels(engine.port);
  const engineOfCore = toCore.channel('engine');

  function linkEngine(): void {
    generation += 1;
    const link = interruptible(toEngine.channel(`core/${generation}`));
    link.port.onFrame((frame) => {
      if (engineLink === link) engineOfCore.send(frame as object);
    });
    engineLink = link;
  }
  engineOfCore.onFrame((frame) => engineLink?.port.send(frame as object));
  linkEngine();

  return {
    openPort() {
      opened += 1;
      const page = interruptible(toCore.channel(`client/${opened}`));
      pages.add(page);
      page.port.onClose(() => pages.delete(page));
      return page.port;
    },
    stop() {
      core.stop();
      engine.stop();
    },
  };
}
